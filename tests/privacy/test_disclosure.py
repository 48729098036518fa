"""Small groups are not shown, and cannot be worked out from what is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.privacy.disclosure import (
    Edition,
    Part,
    allows,
    band,
    may_show,
    may_show_percentage,
    minimum_group,
    suppress,
)


@pytest.mark.parametrize(
    ("n", "edition", "shown"),
    [
        (0, Edition.INTERNAL, True),
        (4, Edition.INTERNAL, False),
        (5, Edition.INTERNAL, True),
        (10, Edition.PUBLIC, False),
        (11, Edition.PUBLIC, True),
    ],
)
def test_thresholds(n: int, edition: Edition, shown: bool) -> None:
    assert may_show(n, edition) is shown


def test_percentages_from_twenty_people() -> None:
    assert not may_show_percentage(19)
    assert may_show_percentage(20)


def test_a_single_small_count_takes_the_next_smallest_with_it() -> None:
    assert suppress({"a": 20, "b": 9, "c": 3}, Edition.INTERNAL) == {"a": 20, "b": None, "c": None}


def test_two_small_counts_that_together_are_enough_hide_nothing_else() -> None:
    assert suppress({"a": 20, "b": 4, "c": 3}, Edition.INTERNAL) == {"a": 20, "b": None, "c": None}


def test_without_a_total_only_the_small_ones_go() -> None:
    assert suppress({"a": 20, "b": 9, "c": 3}, Edition.INTERNAL, total_shown=False) == {"a": 20, "b": 9, "c": None}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), min_size=2, max_size=8), st.sampled_from(Edition))
def test_what_is_hidden_cannot_be_had_by_subtraction(counts: dict[str, int], edition: Edition) -> None:
    shown = suppress(counts, edition)
    hidden = [counts[k] for k, n in shown.items() if n is None]
    assert list(shown) == list(counts)
    assert all(n is None or n == counts[k] for k, n in shown.items())
    assert all(may_show(n, edition) for n in shown.values() if n is not None)
    if hidden:
        assert len(hidden) >= 2
        assert sum(hidden) >= minimum_group(edition) or len(hidden) == len(counts)


def test_the_public_edition_holds_nobodys_line_and_no_ids_rows_or_cases() -> None:
    hidden = {p for p in Part if not allows(Edition.PUBLIC, p)}
    assert hidden == set(Part) - {Part.QUOTE, Part.PARAPHRASE}


def test_the_list_of_whom_to_speak_to_is_in_no_edition() -> None:
    assert [e for e in Edition if allows(e, Part.FIELD_LIST)] == []
    assert all(allows(Edition.INTERNAL, p) for p in Part if p is not Part.FIELD_LIST)


@pytest.mark.parametrize(
    ("n", "word"), [(0, "none"), (1, "few"), (7, "few"), (8, "some"), (14, "some"), (15, "most"), (22, "most")]
)
def test_few_interviewees_are_counted_in_bands(n: int, word: str) -> None:
    assert band(n, 22) == word
