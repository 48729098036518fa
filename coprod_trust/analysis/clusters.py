"""How alike people of one team are, and what that does to an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
from coprod_trust.analysis.finding import Estimate, Role
from coprod_trust.analysis.sensitivity import VerdictOf

Floats = NDArray[np.float64]

METHOD = "design_effect"


@dataclass(frozen=True)
class Alike:
    """The intraclass correlation of values within clusters, ICC(1), with its 95 % interval.

    ``size`` is the size of the cluster of the average person; ``design_effect`` what the variance of a mean is
    multiplied by: 1 + (size - 1) ICC, never under 1.
    """

    n: int
    clusters: int
    size: float
    icc: float
    ci_low: float
    ci_high: float

    @property
    def design_effect(self) -> float:
        return 1 + (self.size - 1) * max(self.icc, 0.0)


def alike(values: Floats, cluster: NDArray[np.intp]) -> Alike | str:
    """ICC(1) by one-way analysis of variance (Fisher; Searle's interval with the mean size n0 of unequal clusters), or
    why there is none. ``cluster`` numbers each person's; who has none (under 0) is left out."""
    from scipy.special import fdtri

    values, cluster = values[cluster >= 0], cluster[cluster >= 0]
    _, codes, counts = np.unique(cluster, return_inverse=True, return_counts=True)
    n, k = len(values), len(counts)
    if k < 2 or n - k < 2:
        return "there are no two teams with several people"
    means = np.bincount(codes, weights=values) / counts
    between = float((counts * (means - values.mean()) ** 2).sum()) / (k - 1)
    inside = float(((values - means[codes]) ** 2).sum()) / (n - k)
    if inside <= 0:
        return "nobody differs from the others of the team"
    typical = (n - float((counts**2).sum()) / n) / (k - 1)
    ratio = between / inside
    limits = (ratio, ratio / float(fdtri(k - 1, n - k, 0.975)), ratio / float(fdtri(k - 1, n - k, 0.025)))
    icc, low, high = ((f - 1) / (f - 1 + typical) for f in limits)
    return Alike(n, k, float((counts**2).sum()) / n, icc, low, high)


def widened(primary: Estimate, change: Floats, cluster: NDArray[np.intp], verdict: VerdictOf) -> tuple[Estimate, ...]:
    """The primary estimate of a mean change with its error times the square root of the design effect; nothing where
    the ICC of ``change``, of those with both scores, is not above 0. ``cluster`` is theirs."""
    from scipy.special import stdtr, stdtrit

    if len(change) < rules.PAIRED_TEST.minimum or not primary.std_error or primary.df is None:
        return ()
    found = alike(change, cluster)
    if isinstance(found, str) or found.icc <= 0 or primary.estimate is None:
        return ()
    error = primary.std_error * math.sqrt(found.design_effect)
    t = primary.estimate / error
    p = 2 * float(stdtr(primary.df, -abs(t)))
    q95, q90 = (float(stdtrit(primary.df, q)) * error for q in (0.975, 0.95))
    ci95, ci90 = ((primary.estimate - q, primary.estimate + q) for q in (q95, q90))
    note = (
        f"error times {math.sqrt(found.design_effect):.2f}, the root of the design effect: intraclass correlation "
        f"{found.icc:.2f} in {found.clusters} teams of about {found.size:.0f}"
    )
    if rules.CLUSTERS.declines(found.clusters):
        note += f"; with under {rules.CLUSTERS.minimum} teams itself uncertain"
    return (
        Estimate(
            METHOD,
            Role.SENSITIVITY,
            n=primary.n,
            estimate=primary.estimate,
            std_error=error,
            df=primary.df,
            df_method=primary.df_method,
            statistic_name="t",
            statistic=t,
            p_value=p,
            ci_low=ci95[0],
            ci_high=ci95[1],
            verdict=verdict(p, ci95, ci90),
            note=note,
        ),
    )
