"""How far two coders agree on where passages begin and end, where each cuts the text freely.

This comes before agreement on codes: a passage that the other coder did not cut is not one that lacks a code.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

Ends = tuple[int, int]
MATCH = 0.5  # of what two passages cover together


@dataclass(frozen=True)
class Cut:
    """What one coder cut from one document: (start, end) of each passage, the end excluded; ``length`` of the text."""

    passages: tuple[Ends, ...]
    length: int


def merged(passages: Iterable[Ends]) -> list[Ends]:
    """Passages that overlap made one, in order; such as only touch stay two."""
    result: list[Ends] = []
    for start, end in sorted(set(passages)):
        if end <= start:
            continue
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def matches(first: Sequence[Ends], second: Sequence[Ends]) -> list[tuple[Ends, Ends]]:
    """Passages of two coders that share half or more of what they cover together, each used once, best pairs first."""
    second = sorted(set(second))
    starts = [s for s, _ in second]
    longest = max((e - s for s, e in second), default=0)
    pairs = []
    for a in sorted(set(first)):
        for b in second[bisect_left(starts, a[0] - longest) : bisect_right(starts, a[1])]:
            common = min(a[1], b[1]) - max(a[0], b[0])
            together = max(a[1], b[1]) - min(a[0], b[0])
            if common > 0 and common >= MATCH * together:
                pairs.append((-common / together, a, b))
    used_a: set[Ends] = set()
    used_b: set[Ends] = set()
    found = []
    for _, a, b in sorted(pairs):
        if a not in used_a and b not in used_b:
            used_a.add(a)
            used_b.add(b)
            found.append((a, b))
    return found


def share_in_common(pairs: Iterable[tuple[Cut, Cut]]) -> float | None:
    """Characters that both coded, of those that either did (Jaccard); None where nobody coded any."""
    both = either = 0
    for first, second in pairs:
        a, b = merged(first.passages), merged(second.passages)
        common = sum(max(0, min(e, f) - max(s, t)) for s, e, t, f in _overlapping(a, b))
        both += common
        either += sum(e - s for s, e in a) + sum(e - s for s, e in b) - common
    return both / either if either else None


def alpha_u(pairs: Sequence[tuple[Cut, Cut]]) -> float | None:
    """Krippendorff's alpha for units cut from a continuum by two coders, the documents one after the other (1995; as
    corrected in Quality & Quantity 38, 2004). None where there is nothing to compare.

    Observed disagreement: squared distances of both ends of passages that overlap, and the squared length of a passage
    that lies where the other coder has none. Expected: the same over all places that the passages could take.
    """
    lengths: list[int] = []
    gaps: list[int] = []
    observed = total = 0
    for first, second in pairs:
        a, b = merged(first.passages), merged(second.passages)
        total += first.length
        observed += _observed(a, b)
        for units in (a, b):
            lengths += [e - s for s, e in units]
            gaps += _gaps(units, first.length)
    expected = _expected(lengths, gaps, total)
    if total == 0 or expected == 0:
        return None
    return 1 - observed / total**2 / expected


def _overlapping(a: Sequence[Ends], b: Sequence[Ends]) -> Iterable[tuple[int, int, int, int]]:
    """Pairs of passages with a character in common; within each list none overlap."""
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i][0] < b[j][1] and b[j][0] < a[i][1]:
            yield (*a[i], *b[j])
        if a[i][1] <= b[j][1]:
            i += 1
        else:
            j += 1


def _observed(a: Sequence[Ends], b: Sequence[Ends]) -> int:
    distance = 0
    met_a: set[Ends] = set()
    met_b: set[Ends] = set()
    for s, e, t, f in _overlapping(a, b):
        distance += (s - t) ** 2 + (e - f) ** 2
        met_a.add((s, e))
        met_b.add((t, f))
    alone = [u for u in a if u not in met_a] + [u for u in b if u not in met_b]
    return distance + sum((e - s) ** 2 for s, e in alone)


def _gaps(units: Sequence[Ends], length: int) -> list[int]:
    ends = [0, *(e for _, e in units)]
    starts = [*(s for s, _ in units), length]
    return [s - e for e, s in zip(ends, starts, strict=True) if s > e]


def _expected(lengths: Sequence[int], gaps: Sequence[int], total: int) -> float:
    """Over all places, for two coders and texts of ``total`` characters."""
    sizes = sorted(gaps)
    sums = [0, *accumulate(sizes)]
    n = len(lengths)
    places = 0
    for size in lengths:
        from_here = bisect_left(sizes, size)
        wide = len(sizes) - from_here
        in_gaps = sums[-1] - sums[from_here] - wide * (size - 1)
        # Whole numbers throughout: (n - 1) / 3 times a multiple of 3, times what follows.
        places += (n - 1) * (2 * size**3 - 3 * size**2 + size) // 3 + size**2 * in_gaps
    possible = 2 * total * (2 * total - 1) - sum(size * (size - 1) for size in lengths)
    return 2 * places / total / possible if total and possible else 0.0
