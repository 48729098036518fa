"""How far two coders agree before anything is reconciled.

The unit is a segment that both read; for each code the question is yes or no. Where a code is rare, kappa is low
whatever the coders do (Feinstein and Cicchetti 1990), so prevalence and AC1 stand beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Table2x2:
    """Segments that both coders read, by who gave the code."""

    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def observed(self) -> float:
        """Share of segments on which the coders agree."""
        return (self.both + self.neither) / self.n

    @property
    def expected(self) -> float:
        """The same by chance, from each coder's own share of yes (Cohen 1960)."""
        first, second = (self.both + self.first_only) / self.n, (self.both + self.second_only) / self.n
        return first * second + (1 - first) * (1 - second)

    @property
    def prevalence(self) -> float:
        """Mean of the two coders' shares of yes."""
        return (2 * self.both + self.first_only + self.second_only) / (2 * self.n)


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa with its 95 % interval. None where both coders gave one and the same answer throughout; without an
    interval where they never differ, since its large-sample width would be nought."""

    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None


def tabulate(given: Mapping[Hashable, set[str]], segments: Iterable[Hashable], first: str, second: str) -> Table2x2:
    """Count ``segments``, all read by both coders; ``given`` holds the coders who gave the code, by segment."""
    counts = Counter((first in given.get(s, ()), second in given.get(s, ())) for s in segments)
    return Table2x2(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def cohen_kappa(table: Table2x2) -> Kappa:
    """Kappa with the large-sample interval of Fleiss, Cohen and Everitt (1969), by statsmodels; cut at 1."""
    from statsmodels.stats.inter_rater import cohens_kappa

    if table.n == 0 or table.expected == 1:
        return Kappa(None)
    if table.observed == 1:
        return Kappa(1.0)
    result = cohens_kappa([[table.both, table.first_only], [table.second_only, table.neither]])
    return Kappa(float(result.kappa), float(result.kappa_low), min(1.0, float(result.kappa_upp)))


def pooled_kappa(tables: Sequence[Table2x2]) -> float | None:
    """One kappa over all codes: from the means of observed and of expected agreement (De Vries et al. 2008)."""
    if not tables:
        return None
    observed = sum(t.observed for t in tables) / len(tables)
    expected = sum(t.expected for t in tables) / len(tables)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def pooled_interval(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> tuple[float, float] | None:
    """The 95 % interval of ``pooled_kappa`` by the jackknife over segments, cut at 1; None where it has no width.

    ``first`` and ``second`` say who gave the code: codes x segments.
    Segments are drawn, codes are not: what a coder does with the codes of one segment hangs together.
    """
    n = first.shape[1]
    if n < 2 or not first.size:
        return None
    same = first == second

    def without(given: NDArray[np.bool_]) -> NDArray[np.float64]:
        return (given.sum(axis=1, keepdims=True) - given) / (n - 1)

    p, q = without(first), without(second)
    observed, expected = without(same).mean(axis=0), (p * q + (1 - p) * (1 - q)).mean(axis=0)
    if np.any(expected == 1):
        return None
    left = (observed - expected) / (1 - expected)
    error = float(np.sqrt((n - 1) / n * np.sum((left - left.mean()) ** 2)))
    chance = float(np.mean([_chance(a, b) for a, b in zip(first, second, strict=True)]))
    kappa = (float(same.mean()) - chance) / (1 - chance)
    return (kappa - 1.96 * error, min(1.0, kappa + 1.96 * error)) if error > 0 else None


def _chance(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float(a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean()))


def ac1(table: Table2x2) -> float:
    """Gwet's AC1 (2008): chance agreement 2 q (1 - q), q the mean prevalence."""
    chance = 2 * table.prevalence * (1 - table.prevalence)
    return (table.observed - chance) / (1 - chance)


def pabak(table: Table2x2) -> float:
    """Prevalence- and bias-adjusted kappa (Byrt, Bishop and Carlin 1993)."""
    return 2 * table.observed - 1


def krippendorff_alpha(units: Iterable[Sequence[Hashable | None]]) -> float | None:
    """Krippendorff's alpha for nominal data (2011), each unit with one value a coder, None where a coder has none.

    Units with fewer than two values say nothing and are left out; None where all values are alike.
    """
    coincidences: dict[tuple[Hashable, Hashable], float] = defaultdict(float)
    # Units with the same values are counted before they are looked at: there are few kinds of them.
    for unit, times in Counter(map(tuple, units)).items():
        values = [v for v in unit if v is not None]
        if len(values) < 2:
            continue
        for i, a in enumerate(values):
            for j, b in enumerate(values):
                if i != j:
                    coincidences[a, b] += times / (len(values) - 1)
    totals: dict[Hashable, float] = defaultdict(float)
    for (a, _), weight in coincidences.items():
        totals[a] += weight
    n = sum(totals.values())
    if len(totals) < 2:
        return None
    disagreement = sum(weight for (a, b), weight in coincidences.items() if a != b)
    expected = (n * n - sum(t * t for t in totals.values())) / (n - 1)
    return 1 - disagreement / expected
