"""How far two groups lie apart on what is known of them at the start: rows of the table ``balance``.

Standardised mean differences with intervals, never p: how many people there are decides a p, not how alike groups are
(Imai, King & Stuart 2008, JRSS A 171, 481-502).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
from coprod_trust.analysis.baseline import Variable

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Smd:
    """A standardised mean difference with its 95 % interval (None without weights only)."""

    value: float
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True)
class Balance:
    """A row: one variable in two groups. Means of scales are POMP, of a level the share that has it (0 to 1).

    ``comparison`` is 'selection' (participants against another group) or 'retention' (stayed against left);
    ``weighting`` 'none' or 'odds' (one group weighted to resemble the other), where n are effective numbers.
    """

    comparison: str
    contrast: str
    population: str
    reference: str
    variable: str
    level: str | None
    weighting: str
    n: float
    n_reference: float
    mean: float | None
    mean_reference: float | None
    sd: float | None
    sd_reference: float | None
    smd: float | None
    ci_low: float | None
    ci_high: float | None
    variance_ratio: float | None
    declined: str | None = None


@dataclass(frozen=True)
class Groups:
    """Two groups, as positions among all people; ``weights`` (0 outside) where they are also compared weighted."""

    comparison: str
    contrast: str
    population: str
    reference: str
    first: Bools
    second: Bools
    weights: Floats | None = None


def rows(groups: Groups, variables: Iterator[Variable]) -> Iterator[Balance]:
    """A row for each variable that somebody of both groups has."""
    for variable in variables:
        known = ~np.isnan(variable.values)
        a, b = groups.first & known, groups.second & known
        if a.any() and b.any():
            yield _row(groups, variable, a, b)
            if groups.weights is not None and not rules.SELECTION.declines(int(min(a.sum(), b.sum()))):
                yield _weighted(groups, variable, a, b, groups.weights)


def _row(groups: Groups, variable: Variable, a: Bools, b: Bools) -> Balance:
    first, second = variable.values[a], variable.values[b]
    declined = rules.SELECTION.declines(min(len(first), len(second)))
    if declined:
        return _balance(groups, variable, "none", len(first), len(second), declined=declined)
    sds = [_sd(v, variable.level is not None) for v in (first, second)]
    difference = smd(first, second, variable.level is not None)
    ratio = None if variable.level is not None or sds[1] == 0 else (sds[0] / sds[1]) ** 2
    return _balance(
        groups,
        variable,
        "none",
        len(first),
        len(second),
        (float(first.mean()), float(second.mean())),
        (sds[0], sds[1]),
        difference,
        ratio,
        None if difference else "it does not vary in either group",
    )


def _weighted(groups: Groups, variable: Variable, a: Bools, b: Bools, weights: Floats) -> Balance:
    """The same under weights, in the spread before weighting, so that the two can be set side by side."""
    both = [(variable.values[m], weights[m]) for m in (a, b)]
    means = [float(np.average(v, weights=w)) for v, w in both]
    sds = [_sd(v, variable.level is not None) for v, _ in both]
    spread = math.sqrt((sds[0] ** 2 + sds[1] ** 2) / 2)
    n = [effective_n(w) for _, w in both]
    return _balance(
        groups,
        variable,
        "odds",
        n[0],
        n[1],
        (means[0], means[1]),
        (sds[0], sds[1]),
        Smd((means[0] - means[1]) / spread) if spread else None,
    )


def _balance(
    groups: Groups,
    variable: Variable,
    weighting: str,
    n: float,
    n_reference: float,
    means: tuple[float | None, float | None] = (None, None),
    sds: tuple[float | None, float | None] = (None, None),
    difference: Smd | None = None,
    variance_ratio: float | None = None,
    declined: str | None = None,
) -> Balance:
    return Balance(
        groups.comparison,
        groups.contrast,
        groups.population,
        groups.reference,
        variable.id,
        variable.level,
        weighting,
        n,
        n_reference,
        means[0],
        means[1],
        sds[0],
        sds[1],
        difference.value if difference else None,
        difference.ci_low if difference else None,
        difference.ci_high if difference else None,
        variance_ratio,
        declined,
    )


def _sd(values: Floats, share: bool) -> float:
    if share:
        p = float(values.mean())
        return math.sqrt(p * (1 - p))
    return float(values.std(ddof=1))


def smd(first: Floats, second: Floats, share: bool = False) -> Smd | None:
    """Difference of the means over the root of the mean variance, with Bonett's interval (2008); None without spread.

    The interval does not take the variances to be equal (Bonett 2008, Psychological Methods 13, 99-109, formula 3).
    With ``share`` values are 0 and 1 and the variance is p (1 - p), as in Austin (2009).
    """
    variances = [_sd(v, share) ** 2 for v in (first, second)]
    spread = math.sqrt(sum(variances) / 2)
    if spread == 0:
        return None
    d = float(first.mean() - second.mean()) / spread
    dfs = [len(v) - 1 for v in (first, second)]
    shape = sum(v**2 / df for v, df in zip(variances, dfs, strict=True)) * d**2 / (8 * spread**4)
    size = sum(v / df for v, df in zip(variances, dfs, strict=True)) / spread**2
    half = _Z_95 * math.sqrt(shape + size)
    return Smd(d, d - half, d + half)


def effective_n(weights: Floats) -> float:
    """Kish's effective number of people: (sum w)^2 / sum w^2."""
    return float(weights.sum() ** 2 / (weights**2).sum())
