"""Profile likelihood intervals of the variance parts of a random-intercept or compound-symmetric model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

from coprod_trust.mixed.covariance import RandomEffects
from coprod_trust.mixed.errors import NotIdentified

if TYPE_CHECKING:
    from coprod_trust.mixed.fit import Fit


def variance_intervals(fit: Fit, level: float = 0.95) -> dict[str, tuple[float, float]]:
    """Intervals of the standard deviations: ``between`` people (random intercept) and ``residual``.

    A value belongs to the interval if fixing it raises the deviance, all else at its best, by no more than the chi2(1)
    quantile (as lme4's confint, which profiles the likelihood of a fit by maximum likelihood). Raises ValueError for
    other structures and for REML fits.
    """
    structure = fit.structure
    if fit.kind != "random-intercept" or not isinstance(structure, RandomEffects) or fit.reml:
        raise ValueError("profile intervals are for a random intercept fitted by maximum likelihood (reml=False)")
    best = fit.solution.state.deviance
    limit = best + float(chi2.ppf(level, 1))
    sigma, between = np.sqrt(fit.solution.phi[0]), np.sqrt(max(fit.solution.phi[1], 0.0))
    scale = float(fit.panel.scale[fit.panel.outcome_index(0)])

    def deviance(residual: float, other: float) -> float:
        try:
            return structure.state(np.array([residual**2, other**2])).deviance
        except NotIdentified:
            return np.inf

    def of_between(value: float) -> float:
        found = minimize_scalar(
            lambda u: deviance(float(np.exp(u)), value), bracket=(np.log(sigma) - 0.3, np.log(sigma) + 0.3)
        )
        return float(found.fun) - limit

    def of_residual(value: float) -> float:
        top = max(between, sigma) * 4
        found = minimize_scalar(
            lambda b: deviance(value, b), bounds=(0.0, top), method="bounded", options={"xatol": 1e-10}
        )
        return min(float(found.fun), deviance(value, 0.0)) - limit

    return {
        "between": tuple(v * scale for v in _ends(of_between, between, lowest=0.0)),  # type: ignore[dict-item]
        "residual": tuple(v * scale for v in _ends(of_residual, sigma, lowest=sigma * 1e-3)),  # type: ignore[dict-item]
    }


def _ends(excess: Callable[[float], float], best: float, lowest: float) -> tuple[float, float]:
    """Where the excess of the deviance over its limit passes through 0, below and above ``best``."""
    step = max(best, 1e-3)
    high = best + step
    while excess(high) < 0:
        high += step
    upper = brentq(excess, best, high, xtol=1e-12)
    lower = lowest if excess(lowest) <= 0 else brentq(excess, lowest, best, xtol=1e-12)
    return float(lower), float(upper)
