"""Columns of a text document are wide enough for what must not break, and fill the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.report.columns import EM_A_CHARACTER, SIZES, TWIPS_A_POINT, fitted
from coprod_trust.report.model import Column, Row, Table, Theirs, Words
from coprod_trust.report.plain import least, widths

PAGE, MARGINS = 9638, 120
character = st.integers(4, 20)


@given(st.lists(st.tuples(character, st.integers(0, 40)), min_size=1, max_size=7))
def test_columns_fill_the_page_and_hold_their_longest_piece(columns: list[tuple[int, int]]) -> None:
    shortest = [a for a, _ in columns]
    found = fitted(shortest, [a + more for a, more in columns], PAGE, MARGINS)
    assert sum(found.widths) == PAGE
    needed = [n * found.size * TWIPS_A_POINT * EM_A_CHARACTER + MARGINS for n in shortest]
    if sum(needed) <= PAGE:
        assert all(width + 1 >= need for width, need in zip(found.widths, needed, strict=True))
    else:
        assert found.size == SIZES[-1]


def test_letters_are_small_only_where_the_page_is_full() -> None:
    assert fitted([10] * 3, [30] * 3, PAGE, MARGINS).size == SIZES[0]
    assert fitted([11] * 11, [11] * 11, PAGE, MARGINS).size == SIZES[-1]


def test_what_is_left_of_a_page_goes_to_the_longest_text() -> None:
    cells = (Theirs("Family"), Theirs("a long list of questions, " * 20), Theirs("Holm"))
    table = Table("t", Words("T"), tuple(Column(Words(n)) for n in ("Family", "Findings", "By")), (Row(cells),))
    first, long, last = widths(table)
    assert (first, last) == (7, 5)
    assert long > 90


@pytest.mark.parametrize(
    ("cell", "needed"), [("12", 4), ("\N{MINUS SIGN}8.2 (\N{MINUS SIGN}12.5 to \N{MINUS SIGN}3.8)", 16)]
)
def test_an_interval_is_not_broken(cell: str, needed: int) -> None:
    table = Table("t", Words("T"), (Column(Words("n"), numeric=True),), (Row((Words(cell),)),))
    assert least(table) == [needed]
