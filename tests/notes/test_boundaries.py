"""Agreement on boundaries, against the worked examples of Krippendorff (1995, p. 57) and by counting places one by one.

Krippendorff, K. (1995). On the reliability of unitizing contiguous data. Sociological Methodology 25, 47-76: four
continua of length 24, each cut by two coders, with their alphas for units measured finely. The term for units in gaps
was misprinted there and corrected in 2004, which moves the alphas in the second decimal; the two exact figures below
are those of DKPro Agreement (Meyer, Mieskes, Stab & Gurevych 2014), worked out by the corrected formula.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.notes.boundaries import Cut, alpha_u, matches, merged, share_in_common

# (start, length) of the units of either coder.
EXAMPLES = {
    "A": ([(2, 8), (14, 6)], [(4, 4), (15, 2)]),
    "B": ([(0, 18)], [(0, 2), (2, 1), (3, 1), (4, 1), (5, 1), (6, 3), (9, 1)]),
    "C": ([(2, 6), (10, 2), (14, 4), (20, 2)], [(0, 2), (4, 4), (10, 4), (16, 2), (20, 2)]),
    "D": ([(0, 2), (2, 8), (10, 4), (14, 6), (20, 4)], [(0, 4), (4, 4), (8, 7), (15, 2), (17, 7)]),
}
PUBLISHED = {"A": 0.553, "B": -0.926, "C": 0.679, "D": 0.066}


def cuts(name: str, stretch: int = 1) -> list[tuple[Cut, Cut]]:
    first, second = (
        Cut(tuple((s * stretch, (s + n) * stretch) for s, n in units), 24 * stretch) for units in EXAMPLES[name]
    )
    return [(first, second)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_alpha_of_the_published_examples(name: str) -> None:
    assert alpha_u(cuts(name, 5000)) == pytest.approx(PUBLISHED[name], abs=0.02)


def test_alpha_by_the_corrected_formula() -> None:
    coarse = [tuple((s // 2, (s + n) // 2) for s, n in units) for units in EXAMPLES["C"]]
    assert alpha_u([(Cut(coarse[0], 12), Cut(coarse[1], 12))]) == pytest.approx(1 - 0.02777 / 0.05494, abs=3e-4)
    first, second = Cut(((1, 9),), 10), Cut(((2, 3), (4, 5), (6, 7)), 10)
    assert alpha_u([(first, second)]) == pytest.approx(-0.7003, abs=1e-4)


def counted(first: Cut, second: Cut) -> float | None:
    """Alpha by its definition: distances of all pairs of sections as they are, and over all places one by one."""

    def sections(cut: Cut) -> list[tuple[int, int, bool]]:
        found, at = [], 0
        for s, e in merged(cut.passages):
            found += [(at, s - at, False)] if s > at else []
            found.append((s, e - s, True))
            at = e
        return found + ([(at, cut.length - at, False)] if at < cut.length else [])

    def distance(b: int, n: int, v: bool, c: int, m: int, w: bool) -> int:
        if v and w and -n < b - c < m:
            return (b - c) ** 2 + (b + n - c - m) ** 2
        if v and not w and m - n >= b - c >= 0:
            return n * n
        if w and not v and m - n <= b - c <= 0:
            return m * m
        return 0

    length = first.length
    ours, theirs = sections(first), sections(second)
    observed = sum(distance(*x, *y) for x, y in product(ours, theirs)) / length**2
    units = [n for s in (ours, theirs) for _, n, v in s if v]
    gaps = [n for s in (ours, theirs) for _, n, v in s if not v]
    # Half of what two units of a pair add when one is moved over the other, as the published formula sums it up.
    among = sum((len(units) - 1) * sum(d * d for d in range(-n + 1, n)) for n in units)
    inside = sum(n * n * sum(1 for place in range(gap - n + 1)) for n in units for gap in gaps if gap >= n)
    possible = (2 * length) * (2 * length - 1) - sum(n * (n - 1) for n in units)
    expected = 2 / length * (among + inside) / possible
    return 1 - observed / expected if expected else None


PASSAGES = st.lists(
    st.tuples(st.integers(0, 38), st.integers(1, 20)).map(lambda p: (p[0], min(40, p[0] + p[1]))), max_size=6
).map(tuple)


@given(PASSAGES, PASSAGES)
def test_alpha_is_what_counting_place_by_place_gives(
    a: tuple[tuple[int, int], ...], b: tuple[tuple[int, int], ...]
) -> None:
    first, second = Cut(a, 40), Cut(b, 40)
    assert alpha_u([(first, second)]) == pytest.approx(counted(first, second))


@given(PASSAGES.filter(bool))
def test_coders_who_cut_alike_agree_fully(a: tuple[tuple[int, int], ...]) -> None:
    found = alpha_u([(Cut(a, 400), Cut(a, 400))])
    assert found == 1
    assert share_in_common([(Cut(a, 400), Cut(a, 400))]) == 1


def test_nothing_cut_is_nothing_to_compare() -> None:
    nothing = Cut((), 100)
    assert alpha_u([(nothing, nothing)]) is None
    assert share_in_common([(nothing, nothing)]) is None
    assert alpha_u([]) is None


def test_passages_match_once_and_the_best_first() -> None:
    first = [(0, 10), (20, 30), (50, 60)]
    second = [(1, 10), (0, 9), (26, 40), (50, 60), (48, 62)]
    assert matches(first, second) == [((50, 60), (50, 60)), ((0, 10), (0, 9))]
    assert matches(first, [(25, 31)]) == [], "less than half of what both cover together"


def test_the_share_in_common_counts_a_character_once() -> None:
    first, second = Cut(((0, 10), (5, 20)), 100), Cut(((10, 30), (60, 70)), 100)
    assert share_in_common([(first, second)]) == pytest.approx(10 / 40)
