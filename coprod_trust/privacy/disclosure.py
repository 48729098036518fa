"""What each edition may show, and what of a small group: the one place that holds both.

A count of people in a report says something about a person once the group is small. ``Edition`` names who reads it;
totals of the participation flow are exempt, because they are what a reader needs in order to judge everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, TypeVar

MINIMUM_GROUP = {"internal": 5, "public": 11}
MINIMUM_FOR_PERCENTAGES = 20

K = TypeVar("K")


class Edition(StrEnum):
    """Who reads the report."""

    INTERNAL = "internal"
    PUBLIC = "public"


class Part(StrEnum):
    """What a report, an export or a printed list may be made of, beside numbers of groups."""

    PERSON_LINE = "person_line"  # one person's scores: a line over the waves, a dot in a scatter
    CASE_DISPLAY = "case_display"  # one person's line beside what that person said
    PARTICIPANT_ID = "participant_id"
    SEGMENT_ID = "segment_id"  # the id of a passage, which leads to its document
    SOURCE_ROW = "source_row"  # file, row and column of something handed in
    FIELD_LIST = "field_list"  # who is to be spoken to
    QUOTE = "quote"  # words that a person released for the edition (privacy/quotes.py)
    PARAPHRASE = "paraphrase"  # the coder's words in place of the speaker's
    CODE_COUNT = "code_count"  # how many interviewed people spoke of something; else a band


_SHOWS: Mapping[Edition, frozenset[Part]] = {
    Edition.INTERNAL: frozenset(Part) - {Part.FIELD_LIST},
    Edition.PUBLIC: frozenset({Part.QUOTE, Part.PARAPHRASE}),
}


def allows(edition: Edition, part: Part) -> bool:
    """Whether that edition may hold such a part at all; counts of people are for ``may_show``.

    A field list names people, so no edition of the report holds it: it is a file of its own that stays inside.
    """
    return part in _SHOWS[edition]


Band = Literal["none", "few", "some", "most"]


def band(n: int, of: int) -> Band:
    """How many of few interviewed people, in words: up to a third 'few', up to two thirds 'some', else 'most'."""
    if not 0 <= n <= of:
        raise ValueError("n lies between 0 and the number of people")
    if n == 0:
        return "none"
    return "few" if 3 * n <= of else "some" if 3 * n <= 2 * of else "most"


def minimum_group(edition: Edition) -> int:
    """The smallest number of people about whom that edition says anything."""
    return MINIMUM_GROUP[edition]


def may_show(n: int, edition: Edition) -> bool:
    """Whether a count of people may be shown. Nobody (0) identifies nobody and is shown."""
    return n == 0 or n >= minimum_group(edition)


def may_show_percentage(n: int) -> bool:
    """Whether a share of ``n`` people may be written as a percentage; below that it is written as 'k of n'."""
    return n >= MINIMUM_FOR_PERCENTAGES


def suppress(counts: Mapping[K, int], edition: Edition, total_shown: bool = True) -> dict[K, int | None]:
    """Counts with those that may not be shown replaced by None, in the order given.

    Where the total is shown as well, a single suppressed count could be had by subtraction. Then the smallest of the
    others is suppressed too (secondary suppression), and so on until what is hidden, taken together, reaches the
    minimum. A caller who shows a total keeps it back itself where there is but one count.
    """
    hidden = {key for key, n in counts.items() if not may_show(n, edition)}
    if total_shown and hidden:
        rest = sorted((k for k in counts if k not in hidden), key=lambda k: (counts[k] == 0, counts[k]))
        while rest and (len(hidden) < 2 or sum(counts[k] for k in hidden) < minimum_group(edition)):
            hidden.add(rest.pop(0))
    return {key: None if key in hidden else n for key, n in counts.items()}
