"""Tests of paired data. Every function takes aligned arrays: position i is the same person at both waves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT_UP_TO = 16
# Binomial draws take over from drawing each person's sign: the same distribution, in less memory.
_SIGN_BY_SIGN_UP_TO = 2000
_DECIMALS = 9


def differences(start: Floats, end: Floats) -> Floats:
    """end - start of the people who have both, cleaned of rounding noise so that ties are ties.

    Raises ValueError on arrays of different length: pingouin's paired ttest would run an unpaired one.
    """
    if start.shape != end.shape or start.ndim != 1:
        raise ValueError("paired data must be two arrays of the same length, one position a person")
    both = ~(np.isnan(start) | np.isnan(end))
    return np.round(end[both] - start[both], _DECIMALS)


@dataclass(frozen=True)
class PairedT:
    """The paired t-test; t, p and the intervals are None where every difference is the same."""

    n: int
    mean: float
    sd: float
    std_error: float
    df: int
    t: float | None
    p_value: float | None
    ci95: tuple[float, float]
    ci90: tuple[float, float]

    @property
    def constant(self) -> bool:
        """Whether everybody changed by the same amount, so that there is nothing to test with."""
        return self.t is None


def paired_t(change: Floats) -> PairedT:
    """Paired t-test of differences, at least two; the intervals are not rounded (pingouin's are).

    Where all differences are equal t is undefined (pingouin gives T = 4e16, p = 0): the intervals then have no width.
    """
    from scipy.special import stdtr, stdtrit

    n = len(change)
    if n < 2:
        raise ValueError("a paired t-test needs two differences or more")
    # Thirds of a scale round up and down: without this, rises and falls that cancel would leave a trace.
    mean = round(float(change.mean()), _DECIMALS)
    if np.ptp(change) == 0:
        mean = float(change[0])
        return PairedT(n, mean, 0.0, 0.0, n - 1, None, None, (mean, mean), (mean, mean))
    sd = float(change.std(ddof=1))
    se = sd / math.sqrt(n)
    t = mean / se
    q95, q90 = (float(stdtrit(n - 1, q)) * se for q in (0.975, 0.95))
    p = 2 * float(stdtr(n - 1, -abs(t)))
    return PairedT(n, mean, sd, se, n - 1, t, p, (mean - q95, mean + q95), (mean - q90, mean + q90))


def equivalence_p(change: Floats, bound: float) -> float:
    """p of the two one-sided tests that the mean change lies within -bound and +bound (statsmodels)."""
    from statsmodels.stats.weightstats import DescrStatsW

    return float(DescrStatsW(change).ttost_mean(-bound, bound)[0])


def bayes_factor(t: float, n: int) -> float | None:
    """BF10 of a paired t (Rouder 2009), Cauchy prior of scale sqrt(2)/2 (pingouin); None where too large to write.

    pingouin divides by zero there (t = 60 on 1e5 people).
    """
    from pingouin.bayesian import bayesfactor_ttest

    try:
        factor = float(bayesfactor_ttest(t, n, paired=True))
    except (ZeroDivisionError, OverflowError):
        return None
    return factor if math.isfinite(factor) else None


@dataclass(frozen=True)
class SignedRanks:
    """Wilcoxon's sums of ranks over the differences that are not zero, ties at their mean rank."""

    n_nonzero: int
    positive: float
    negative: float


def signed_ranks(change: Floats) -> SignedRanks:
    """Sums of the ranks of rises and of falls; zeros are dropped (Wilcoxon)."""
    from scipy.stats import rankdata

    nonzero = change[change != 0]
    ranks = rankdata(np.abs(nonzero))
    return SignedRanks(len(nonzero), float(ranks[nonzero > 0].sum()), float(ranks[nonzero < 0].sum()))


@dataclass(frozen=True)
class SignFlip:
    """p values from turning signs; ``resamples`` is None where all sign patterns were enumerated."""

    p_mean: float
    p_ranks: float
    resamples: int | None


def sign_flip(change: Floats, resamples: int, rng: np.random.Generator) -> SignFlip:
    """Two-sided sign-flip tests of the mean and of Wilcoxon's signed ranks.

    Exact up to 16 differences that are not zero, else from random sign patterns with (b + 1) / (R + 1). This is right
    with ties and zeros, where scipy's exact Wilcoxon is wrong and the asymptotic one is off.
    """
    from scipy.stats import rankdata

    nonzero = change[change != 0]
    n = len(nonzero)
    if n == 0:
        return SignFlip(1.0, 1.0, None)
    size = np.abs(nonzero)
    values = np.column_stack([size, rankdata(size)])
    observed = np.abs(np.sign(nonzero) @ values)
    tolerance = 1e-9 * values.sum(axis=0)
    if n <= EXACT_UP_TO:
        patterns = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        reached = np.abs((2.0 * patterns - 1) @ values) >= observed - tolerance
        p = reached.mean(axis=0)
        return SignFlip(float(p[0]), float(p[1]), None)
    reached = np.abs(_random_sums(values, resamples, rng)) >= observed - tolerance
    p = (reached.sum(axis=0) + 1) / (resamples + 1)
    return SignFlip(float(p[0]), float(p[1]), resamples)


def _random_sums(values: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Sums of ``values`` (n x 2) under random signs, resamples x 2."""
    n = len(values)
    if n <= _SIGN_BY_SIGN_UP_TO:
        bits = np.unpackbits(rng.integers(0, 256, size=(resamples, (n + 7) // 8), dtype=np.uint8), axis=1)[:, :n]
        sums: Floats = 2.0 * (bits.astype(np.float32) @ values.astype(np.float64)) - values.sum(axis=0)
        return sums
    distinct, counts = np.unique(values, axis=0, return_counts=True)
    sums = np.empty((resamples, 2))
    rows = max(1, 4_000_000 // len(distinct))
    for start in range(0, resamples, rows):
        stop = min(start + rows, resamples)
        positive = rng.binomial(counts, 0.5, size=(stop - start, len(distinct)))
        sums[start:stop] = (2.0 * positive - counts) @ distinct
    return sums


def most_influential(change: Floats, how_many: int = 2) -> NDArray[np.intp]:
    """Positions of the people who weigh most in the mean: farthest from it (the order of Cook's distance).

    Of two equally far apart, the one that supports the direction of the mean goes first.
    """
    mean = change.mean()
    distance = np.round(np.abs(change - mean), _DECIMALS)
    supporting = np.round(change * np.sign(mean), _DECIMALS)
    return np.lexsort((-supporting, -distance))[:how_many]
