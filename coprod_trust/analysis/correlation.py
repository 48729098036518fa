"""Correlations and slopes of two changes: pure functions of aligned arrays without gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis.seeds import RandomOrders

Floats = NDArray[np.float64]

# Above this many people resampling gives what the limits of large samples give, and takes minutes.
LARGE = 5_000
_Z = 1.959963984540054


def pearson(x: Floats, y: Floats) -> float:
    """Pearson's r; both must vary."""
    return float(np.corrcoef(x, y)[0, 1])


def bootstrap_weights(n: int, resamples: int, rng: np.random.Generator) -> Floats:
    """How often each of ``n`` people is drawn in each resample: resamples x n, rows that sum to n."""
    drawn = rng.integers(0, n, size=(resamples, n)) + np.arange(resamples)[:, None] * n
    return np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n).astype(float)


def weighted_pearson(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Pearson's r under each row of ``weights`` (resamples x n); NaN where one does not vary."""
    x, y = x - x.mean(), y - y.mean()
    total = weights.sum(axis=1)
    mx, my, xx, yy, xy = (weights @ column / total for column in (x, y, x * x, y * y, x * y))
    vx, vy = xx - mx**2, yy - my**2
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (xy - mx * my) / np.sqrt(vx * vy)
    varies = (vx > 1e-12 * (x * x).mean()) & (vy > 1e-12 * (y * y).mean())
    return np.where(varies, r, np.nan)


def bca_interval(estimate: float, draws: Floats, jackknife: Floats, level: float = 0.95) -> tuple[float, float] | None:
    """Bias-corrected and accelerated bootstrap interval (Efron 1987); None where it cannot be formed.

    ``draws`` are the bootstrap estimates, ``jackknife`` those with each person left out; NaN are dropped.
    """
    from scipy.special import ndtr, ndtri

    draws, jackknife = draws[~np.isnan(draws)], jackknife[~np.isnan(jackknife)]
    if len(draws) < 100 or len(jackknife) < 3:
        return None
    below = float((draws < estimate).mean() + (draws == estimate).mean() / 2)
    if not 0 < below < 1:
        return None
    bias = float(ndtri(below))
    deviation = jackknife.mean() - jackknife
    spread = float((deviation**2).sum())
    acceleration = float((deviation**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    limits = []
    for p in ((1 - level) / 2, (1 + level) / 2):
        z = bias + float(ndtri(p))
        limits.append(float(ndtr(bias + z / (1 - acceleration * z))))
    low, high = np.quantile(draws, limits)
    return float(low), float(high)


def pearson_interval(x: Floats, y: Floats, resamples: int, rng: np.random.Generator) -> tuple[float, float] | None:
    """BCa interval of Pearson's r; for large samples its limit, from the influence of each person on Fisher's z."""
    n = len(x)
    if n > LARGE:
        return _large_interval(x, y)
    draws = np.concatenate([weighted_pearson(x, y, bootstrap_weights(n, size, rng)) for size in chunks(resamples, n)])
    return bca_interval(pearson(x, y), draws, leave_one_out_pearson(x, y))


def _large_interval(x: Floats, y: Floats) -> tuple[float, float] | None:
    """Fisher's z with the standard error from the influence function of r (Devlin, Gnanadesikan and Kettenring 1975):
    right without normality."""
    r = pearson(x, y)
    if abs(r) >= 1:
        return None
    zx, zy = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    influence = zx * zy - r * (zx**2 + zy**2) / 2
    half = _Z * float(influence.std()) / math.sqrt(len(x)) / (1 - r**2)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def leave_one_out_pearson(x: Floats, y: Floats) -> Floats:
    """Pearson's r with each person left out, from sums."""
    x, y, n = x - x.mean(), y - y.mean(), len(x)
    mx, my = -x / (n - 1), -y / (n - 1)
    xx = (x @ x - x * x) / (n - 1) - mx**2
    yy = (y @ y - y * y) / (n - 1) - my**2
    xy = (x @ y - x * y) / (n - 1) - mx * my
    with np.errstate(invalid="ignore", divide="ignore"):
        r = xy / np.sqrt(xx * yy)
    return np.where((xx > 1e-12 * (x @ x) / n) & (yy > 1e-12 * (y @ y) / n), r, np.nan)


def permutation_p(x: Floats, y: Floats, orders: RandomOrders) -> float:
    """Two-sided permutation p of Pearson's r, (b + 1) / (R + 1).

    For large samples the normal limit of the permutation distribution, whose mean is 0 and variance 1 / (n - 1).
    """
    from scipy.special import ndtr

    if len(x) > LARGE:
        return 2 * float(ndtr(-abs(pearson(x, y)) * math.sqrt(len(x) - 1)))
    x, y = x - x.mean(), y - y.mean()
    observed = abs(float(x @ y))
    tolerance = 1e-9 * float(np.linalg.norm(x) * np.linalg.norm(y))
    reached = sum(int((np.abs(y[o] @ x) >= observed - tolerance).sum()) for o in orders.blocks(len(x)))
    return (reached + 1) / (orders.draws(len(x)) + 1)


def chunks(resamples: int, n: int) -> list[int]:
    """Sizes of the portions in which ``resamples`` of ``n`` people are drawn, so that memory stays small."""
    rows = max(1, 4_000_000 // n)
    return [rows] * (resamples // rows) + ([resamples % rows] if resamples % rows else [])


@dataclass(frozen=True)
class Slope:
    """A regression slope with the HC3 standard error; ``p_value`` is Freedman and Lane's permutation p."""

    slope: float
    std_error: float
    df: int
    t: float
    p_value: float
    ci_low: float
    ci_high: float
    cooks_distance: Floats


def adjusted_slope(x: Floats, y: Floats, adjust_for: Floats, resamples: int, rng: np.random.Generator) -> Slope | None:
    """Slope of y on x adjusting for the columns of ``adjust_for``; None where x adds nothing to them.

    Coefficient, HC3 standard error, t interval on n - k df and Cook's distance by statsmodels. The p permutes the
    residuals of the model without x (Freedman and Lane 1983), with the HC3 t as the statistic (DiCiccio and Romano
    2017: right also where the residual variance differs between people); for large samples its normal limit.
    """
    from scipy.special import ndtr, stdtrit
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones_like(x), x, _informative(adjust_for)])
    n, k = design.shape
    if n - k < 3 or np.linalg.matrix_rank(design / np.linalg.norm(design, axis=0)) < k or _explained(x, design[:, 2:]):
        return None
    fitted = OLS(y, design).fit()
    residual = y - fitted.fittedvalues
    if float(residual @ residual) <= 1e-18 * float(y @ y):
        return None
    slope, se = float(fitted.params[1]), float(fitted.HC3_se[1])
    leverage = np.einsum("ij,ij->i", design, np.linalg.solve(design.T @ design, design.T).T)
    if not se > 0 or leverage.max() > 1 - 1e-9:
        return None
    half = float(stdtrit(n - k, 0.975)) * se
    cooks = (residual**2 / (k * fitted.scale)) * leverage / (1 - leverage) ** 2
    if n > LARGE:
        p = 2 * float(ndtr(-abs(slope / se)))
    else:
        p = _freedman_lane(design, y, slope / se, leverage, resamples, rng)
    return Slope(slope, se, n - k, slope / se, p, slope - half, slope + half, cooks)


def _informative(columns: Floats) -> Floats:
    """Columns that vary; a starting value that is the same for all adjusts for nothing."""
    kept: Floats = columns[:, np.ptp(columns, axis=0) > 0]
    return kept - kept.mean(axis=0)


def _explained(x: Floats, others: Floats) -> bool:
    """Whether x is a linear function of the others but for rounding."""
    design = np.column_stack([np.ones_like(x), others])
    residual = x - design @ np.linalg.lstsq(design, x, rcond=None)[0]
    return bool(np.linalg.norm(residual) <= 1e-6 * np.linalg.norm(x - x.mean()))


def _freedman_lane(
    design: Floats, y: Floats, t: float, leverage: Floats, resamples: int, rng: np.random.Generator
) -> float:
    reduced = np.delete(design, 1, axis=1)
    fit = reduced @ np.linalg.lstsq(reduced, y, rcond=None)[0]
    residual = y - fit
    # The slope of the full model is a weighted sum of the outcome: (M x)'y / (M x)'(M x), with M taking the rest out.
    x = design[:, 1] - reduced @ np.linalg.lstsq(reduced, design[:, 1], rcond=None)[0]
    weight = x / (x @ x)
    basis = np.linalg.qr(design)[0]
    scale = (weight / (1 - leverage)) ** 2
    reached = 0
    for size in chunks(resamples, len(y)):
        outcome = rng.permuted(np.broadcast_to(residual, (size, len(y))), axis=1) + fit
        error = outcome - (outcome @ basis) @ basis.T
        statistic = (outcome @ weight) / np.sqrt(error**2 @ scale)
        reached += int((np.abs(statistic) >= abs(t) * (1 - 1e-9)).sum())
    return (reached + 1) / (resamples + 1)


@dataclass(frozen=True)
class Comparison:
    """Two correlations that share a variable, compared."""

    difference: float
    z: float
    p_value: float


def steiger(r_xy: float, r_xz: float, r_yz: float, n: int) -> Comparison | None:
    """Steiger's (1980, equations 3 and 15) test that r_xy equals r_xz, with the pooled correlation in the covariance.

    None where a correlation is 1 or -1.
    """
    from scipy.special import ndtr

    if max(abs(r_xy), abs(r_xz)) >= 1 or n <= 3:
        return None
    pooled = (r_xy + r_xz) / 2
    psi = r_yz * (1 - 2 * pooled**2) - 0.5 * pooled**2 * (1 - 2 * pooled**2 - r_yz**2)
    covariance = psi / (1 - pooled**2) ** 2
    if covariance >= 1:
        return None
    z = (math.atanh(r_xy) - math.atanh(r_xz)) * math.sqrt(n - 3) / math.sqrt(2 - 2 * covariance)
    return Comparison(r_xy - r_xz, z, 2 * float(ndtr(-abs(z))))
