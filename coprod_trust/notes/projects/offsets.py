"""Ways in which programs count the characters of a text, and which of them a file uses.

REFI-QDA counts Unicode code points from 0 and can be read as including the end. Programs differ: some exclude the end,
count a line break of two characters as one, count a byte order mark, or count UTF-16 units, in which most emoji are
two. What a program writes down of a passage tells which way fits; without that the usual way is assumed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from coprod_trust.notes.transcript import comparable

EVIDENCE = 400
LEAST_TO_GO_BY = 8  # characters; fewer fit by accident


@dataclass(frozen=True)
class Counting:
    """One way of counting. The default is the usual one."""

    break_is_one: bool = False
    utf16: bool = False
    counts_mark: bool = False
    end_included: bool = False

    def says(self) -> str:
        """In words, for a message."""
        parts = [
            "UTF-16 units" if self.utf16 else "code points",
            "CRLF as one" if self.break_is_one else "CRLF as two",
            "the end included" if self.end_included else "the end excluded",
        ]
        return ", ".join(parts + (["a byte order mark counted"] if self.counts_mark else []))


class RawText:
    """A text as the file holds it, and its characters as we count them."""

    def __init__(self, raw: str) -> None:
        self.has_mark = raw.startswith("\ufeff")
        self.raw = raw.removeprefix("\ufeff")
        self.text = self.raw.replace("\r\n", "\n").replace("\r", "\n")
        self._places: dict[Counting, list[int] | None] = {}

    @cached_property
    def two_character_breaks(self) -> bool:
        return "\r\n" in self.raw

    @cached_property
    def astral(self) -> bool:
        """Whether some characters are two units in UTF-16."""
        return max(self.raw, default="") > "\uffff"

    def place(self, counting: Counting, start: int, end: int) -> tuple[int, int] | None:
        """The passage as we count; None where it lies outside the text."""
        if counting.end_included:
            end += 1
        if counting.counts_mark and self.has_mark:
            start, end = start - 1, end - 1
        if not 0 <= start <= end:
            return None
        places = self._table(counting) if self.two_character_breaks or self.astral else None
        if places is None:
            return (start, end) if end <= len(self.text) else None
        return (places[start], places[end]) if end < len(places) else None

    def _table(self, counting: Counting) -> list[int] | None:
        """Our offset of each of the program's offsets; None where they are the same."""
        key = Counting(counting.break_is_one, counting.utf16)
        if key not in self._places:
            self._places[key] = self._count(key)
        return self._places[key]

    def _count(self, key: Counting) -> list[int] | None:
        breaks = self.two_character_breaks and not key.break_is_one
        if not breaks and not (key.utf16 and self.astral):
            return None
        places, ours = [], 0
        stream = self.text if key.break_is_one else self.raw
        for i, character in enumerate(stream):
            places.append(ours)
            if key.utf16 and character > "\uffff":
                places.append(ours)
            if not (character == "\r" and stream[i + 1 : i + 2] == "\n"):
                ours += 1
        return [*places, ours]


@dataclass(frozen=True)
class Evidence:
    """A passage by the file's offsets, and what the program wrote down of it: the words, or their beginning."""

    text: RawText
    start: int
    end: int
    written: str | None


def choose(evidence: Sequence[Evidence]) -> tuple[Counting, bool]:
    """The way of counting under which most of the evidence fits, and whether anything told it from the others.

    First come passages that would lie outside their text, then words written down, then words cut in two at the ends of
    passages: people select whole words, so a count that is off by one cuts many. Nothing needs telling where all ways
    give the same passages.
    """
    candidates = _candidates(evidence)
    some = list(_spread(evidence))
    fits = {c: _weigh(evidence, some, c) for c in candidates}
    best = max((outside, fit) for outside, fit, _ in fits.values())
    leaders = [c for c in candidates if fits[c][:2] == best]
    fewest = max(fits[c][2] for c in leaders)
    usual = leaders[0]
    # A few odd selections do not speak against the usual way.
    if fewest - fits[usual][2] < max(2, len(some) // 10):
        told = fits[usual][2] == fewest and sum(fits[c][2] == fewest for c in leaders) == 1
        return usual, told or _alike(leaders, evidence)
    leaders = [c for c in leaders if fits[c][2] == fewest]
    return leaders[0], len(leaders) == 1 or _alike(leaders, evidence)


def _weigh(evidence: Sequence[Evidence], some: Sequence[Evidence], counting: Counting) -> tuple[int, int, int]:
    """Passages outside (negative), words that fit, words cut in two (negative)."""
    outside = sum(e.text.place(counting, e.start, e.end) is None for e in evidence)
    return -outside, sum(_fits(e, counting) for e in some), -sum(_cuts(e, counting) for e in some)


def _cuts(e: Evidence, counting: Counting) -> int:
    """At how many ends of the passage a word is cut in two; a space at its start counts as well."""
    place = e.text.place(counting, e.start, e.end)
    if place is None:
        return 0
    text = e.text.text
    cut = sum(0 < p < len(text) and text[p - 1].isalnum() and text[p].isalnum() for p in place)
    return cut + text[place[0] : place[0] + 1].isspace()


def _candidates(evidence: Sequence[Evidence]) -> list[Counting]:
    """The ways that can differ in these texts, the usual one first."""
    texts = {id(e.text): e.text for e in evidence}.values()
    breaks = (False, True) if any(t.two_character_breaks for t in texts) else (False,)
    units = (False, True) if any(t.astral for t in texts) else (False,)
    marks = (False, True) if any(t.has_mark for t in texts) else (False,)
    return [
        Counting(break_is_one=b, utf16=u, counts_mark=m, end_included=e)
        for e, m, u, b in product((False, True), marks, units, breaks)
    ]


def _alike(leaders: Sequence[Counting], evidence: Sequence[Evidence]) -> bool:
    first = leaders[0]
    return all(
        e.text.place(other, e.start, e.end) == e.text.place(first, e.start, e.end)
        for other in leaders[1:]
        for e in evidence
    )


def _fits(e: Evidence, counting: Counting) -> int:
    """2 where the words are those of the passage, 1 where they are its beginning."""
    if not e.written:
        return 0
    place = e.text.place(counting, e.start, e.end)
    if place is None:
        return 0
    words = comparable(e.text.text[place[0] : place[1]])
    written = comparable(e.written)
    if words == written:
        # White space at an end is lost in comparing; then the end says nothing.
        ends = e.text.text[place[1] - 1 : place[1]]
        return 2 if ends.strip() else 1
    written = written.removesuffix("...").rstrip()
    return int(len(written) >= LEAST_TO_GO_BY and words.startswith(written))


def _spread(evidence: Sequence[Evidence]) -> Iterable[Evidence]:
    """Evidence from all documents, so many that it can be weighed in no time; the late passages of each first, since
    there a wrong count is farthest off."""
    by_text: dict[int, list[Evidence]] = defaultdict(list)
    for e in evidence:
        by_text[id(e.text)].append(e)
    each = max(4, EVIDENCE // max(1, len(by_text)))
    for found in by_text.values():
        yield from sorted(found, key=lambda e: -e.start)[:each]
