"""The mean change over studies by a random-effects model: pure functions of estimates and their standard errors.

The model: the true changes of the studies are normal around a mean, with variance tau². tau² by Paule and Mandel (1982)
as statsmodels' ``combine_effects`` does; the mean with the standard error of Knapp and Hartung (2003), never below the
usual one (Röver, Knapp and Friede 2015), and t with k - 1 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coprod_trust.analysis.rules import PORTFOLIO, PREDICTION, Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.95
"""Of every interval, except the one against the bounds of equivalence, which is of 0.90."""


@dataclass(frozen=True)
class Combined:
    """A random-effects summary of ``k`` studies, in the unit of the estimates; ``tau`` is the standard deviation of
    the true changes, ``tau_interval`` by the Q profile (Viechtbauer 2007). ``weights`` are shares of one, in the order
    given. ``prediction`` is the interval for the change of a further study, None below its floor."""

    k: int
    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    interval: Interval
    interval_90: Interval
    tau: float
    tau_interval: Interval
    q: float
    q_p: float
    i_squared: float
    prediction: Interval | None
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Mean:
    """A mean over studies by another method, with its interval of 0.95 and of 0.90."""

    k: int
    estimate: float
    std_error: float
    df: float
    p_value: float
    interval: Interval
    interval_90: Interval


def random_effects(estimates: Sequence[float], std_errors: Sequence[float]) -> Combined:
    """The mean change of the studies.

    Raises ValueError for fewer than two studies and for a standard error that is not above zero.
    """
    from scipy import stats
    from statsmodels.stats.meta_analysis import combine_effects

    y, v = np.asarray(estimates, dtype=float), np.asarray(std_errors, dtype=float) ** 2
    if len(y) < 2 or not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise ValueError("a summary needs two studies, each with an estimate and a standard error above zero")
    # statsmodels' own iteration gives 0 where rounding puts it a hair beyond the root; begun just before the root, it
    # ends there at once.
    before = _root(y, v, len(y) - 1) * (1 - 1e-10)
    with np.errstate(divide="ignore"):  # its I² of studies that are all alike
        fit: Any = combine_effects(y, v, method_re="pm", use_t=True, tau2_start=before)
    tau2 = float(fit.tau2)
    std_error = float(np.sqrt(fit.var_eff_w_re * max(1.0, fit.scale_hksj_re)))
    estimate, df = float(fit.mean_effect_re), len(y) - 1
    statistic = estimate / std_error
    return Combined(
        k=len(y),
        estimate=estimate,
        std_error=std_error,
        df=df,
        statistic=statistic,
        p_value=float(2 * stats.t.sf(abs(statistic), df)),
        interval=_around(estimate, std_error, df, LEVEL),
        interval_90=_around(estimate, std_error, df, 0.90),
        tau=float(np.sqrt(tau2)),
        tau_interval=_tau_interval(y, v),
        q=float(fit.q),
        q_p=float(stats.chi2.sf(fit.q, df)),
        i_squared=max(0.0, float(1 - df / fit.q)) if fit.q > 0 else 0.0,
        prediction=prediction_interval(estimate, std_error, tau2, len(y)),
        weights=tuple(float(w) for w in fit.weights_rel_re),
    )


def prediction_interval(estimate: float, std_error: float, tau2: float, k: int) -> Interval | None:
    """Where the true change of a further such study is expected: t with k - 2 degrees of freedom (Higgins, Thompson
    and Spiegelhalter 2009)."""
    if PREDICTION.declines(k):
        return None
    return _around(estimate, float(np.sqrt(tau2 + std_error**2)), k - 2, LEVEL)


def equal_weights(estimates: Sequence[float]) -> Mean:
    """The plain mean of the studies' estimates with a one-sample t test: no standard error of a study enters it."""
    from scipy import stats

    y = np.asarray(estimates, dtype=float)
    estimate, std_error, df = float(y.mean()), float(y.std(ddof=1) / np.sqrt(len(y))), len(y) - 1
    p_value = float(2 * stats.t.sf(abs(estimate) / std_error, df)) if std_error > 0 else float(estimate == 0)
    around = [_around(estimate, std_error, df, level) for level in (LEVEL, 0.90)]
    return Mean(len(y), estimate, std_error, df, p_value, *around)


def leave_one_out(estimates: Sequence[float], std_errors: Sequence[float]) -> tuple[Combined, ...]:
    """The summary without each study in turn, in the order given; none where too few would remain for a summary."""
    k = len(estimates)
    if PORTFOLIO.declines(k - 1):
        return ()
    kept = [[j for j in range(k) if j != i] for i in range(k)]
    return tuple(random_effects([estimates[j] for j in js], [std_errors[j] for j in js]) for js in kept)


def _around(estimate: float, std_error: float, df: float, level: float) -> Interval:
    from scipy import stats

    reach = float(stats.t.ppf((1 + level) / 2, df)) * std_error
    return estimate - reach, estimate + reach


def _q(y: NDArray[np.float64], v: NDArray[np.float64], tau2: float) -> float:
    w = 1 / (v + tau2)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _root(y: NDArray[np.float64], v: NDArray[np.float64], target: float) -> float:
    """The tau² at which the generalised Q, which falls as tau² grows, comes down to ``target``; 0 where it begins
    there or below."""
    from scipy import optimize

    if _q(y, v, 0.0) <= target:
        return 0.0
    upper = max(float(v.max()), float(y.var()))
    while _q(y, v, upper) > target:
        upper *= 4
    return float(optimize.brentq(lambda tau2: _q(y, v, tau2) - target, 0.0, upper, xtol=1e-13, rtol=1e-14))


def _tau_interval(y: NDArray[np.float64], v: NDArray[np.float64]) -> Interval:
    """Values of tau that the generalised Q does not reject."""
    from scipy import stats

    low, high = (float(stats.chi2.ppf(level, len(y) - 1)) for level in ((1 + LEVEL) / 2, (1 - LEVEL) / 2))
    return float(np.sqrt(_root(y, v, low))), float(np.sqrt(_root(y, v, high)))
