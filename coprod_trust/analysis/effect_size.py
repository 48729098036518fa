"""Effect sizes of paired data, all signed: above zero means the later wave is higher."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """An effect size with its 95 % interval; None where there is none."""

    name: str
    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None


def hedges_correction(df: float) -> float:
    """J, exact (Hedges 1981); for paired data ``df`` is n - 1, not 2n - 2 as in pingouin's paired 'hedges'."""
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2) - 0.5 * math.log(df / 2))


def noncentrality_interval(t: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Limits for the noncentrality of a t distribution that put ``t`` at its tail probabilities (Steiger 2004).

    pingouin's compute_esci on paired data covers .906 to .999 in place of .95, so it is not used.
    """
    from scipy.optimize import brentq
    from scipy.special import nctdtr, nctdtrinc

    size = abs(t)
    limits = []
    for p in ((1 + level) / 2, (1 - level) / 2):
        start = float(nctdtrinc(df, p, size))  # right to about 1e-7; the root is then found exactly
        reach = 1e-3 * (1 + abs(start))
        limits.append(float(brentq(lambda nc, p=p: nctdtr(df, nc, size) - p, start - reach, start + reach, xtol=1e-12)))
    low, high = limits
    return (low, high) if t >= 0 else (-high, -low)


def cohen_d_z(mean: float, sd: float, n: int) -> Effect:
    """Mean change in SDs of change, with the interval from the noncentral t."""
    if sd == 0:
        return Effect("d_z", None)
    d = mean / sd
    low, high = noncentrality_interval(d * math.sqrt(n), n - 1)
    return Effect("d_z", d, low / math.sqrt(n), high / math.sqrt(n))


def hedges_g(d_z: Effect, n: int) -> Effect:
    """d_z corrected for small samples, its interval scaled alike."""
    if d_z.value is None or d_z.ci_low is None or d_z.ci_high is None or n < 3:
        return Effect("hedges_g", None)
    j = hedges_correction(n - 1)
    return Effect("hedges_g", j * d_z.value, j * d_z.ci_low, j * d_z.ci_high)


def cohen_d_av(mean: float, sd_from: float, sd_to: float, correlation: float, n: int) -> Effect:
    """Mean change in units of the root mean variance of the two waves, with Bonett's interval (2008; 2015)."""
    var_from, var_to = sd_from**2, sd_to**2
    standardiser = math.sqrt((var_from + var_to) / 2)
    if standardiser == 0 or n < 3:
        return Effect("d_av", None)
    d = mean / standardiser
    covariance = correlation * sd_from * sd_to
    var_difference = var_from + var_to - 2 * covariance
    df = n - 1
    variance = d**2 * (var_from**2 + var_to**2 + 2 * covariance**2) / (8 * df * standardiser**4) + var_difference / (
        df * standardiser**2
    )
    half = 1.959963984540054 * math.sqrt(variance)
    return Effect("d_av", d, d - half, d + half)


def rank_biserial(positive_ranks: float, negative_ranks: float, n_nonzero: int) -> Effect:
    """Matched-pairs rank-biserial correlation (Kerby 2014) with the normal interval on Fisher's z.

    The ranks are the sums of the ranks of rises and of falls among the differences that are not zero.
    """
    total = positive_ranks + negative_ranks
    if n_nonzero == 0:
        return Effect("rank_biserial", None)
    r = (positive_ranks - negative_ranks) / total
    if abs(r) == 1:
        return Effect("rank_biserial", r)
    n = n_nonzero
    se = math.sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n**2 + n) / 2)
    z = math.atanh(r)
    return Effect("rank_biserial", r, math.tanh(z - 1.959963984540054 * se), math.tanh(z + 1.959963984540054 * se))
