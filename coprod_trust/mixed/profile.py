"""Profile likelihood intervals of the variance parts of a model with random effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import chdtri

from coprod_trust.mixed.covariance import RandomEffects
from coprod_trust.mixed.errors import NotIdentified

if TYPE_CHECKING:
    from coprod_trust.mixed.fit import Fit

NAMES = {
    "random-intercept": ("residual", "intercept"),
    "random-slope": ("residual", "intercept", "correlation", "slope"),
}


def variance_intervals(fit: Fit, level: float = 0.95) -> dict[str, tuple[float, float]]:
    """Intervals of the standard deviations ``intercept`` and ``slope`` between people, of their ``correlation``, and of
    the standard deviation ``residual``; intercept at time 0, slope per unit of time.

    A value belongs to the interval if fixing it raises the deviance, all else at its best, by no more than the chi2(1)
    quantile. The likelihood is the full one, also for a fit by REML, which is then refitted (as lme4's confint). Raises
    ValueError for other structures.
    """
    if fit.kind not in NAMES:
        raise ValueError("profile intervals are for models with random effects (random='intercept' or 'slope')")
    profile = _Profile(fit)
    limit = profile.lowest + float(chdtri(1, 1 - level))
    scale = float(fit.panel.scale[fit.panel.outcome_index(0)])
    found = {}
    for k, name in enumerate(NAMES[fit.kind]):
        low, high = _ends(lambda value, k=k: profile.deviance(k, value) - limit, profile.best[k], name)  # type: ignore[misc]
        unit = 1.0 if name == "correlation" else scale
        found[name] = (low * unit, high * unit)
    return found


class _Profile:
    """The deviance with one of sigma, SD of intercepts, correlation, SD of slopes fixed, the others at their best."""

    def __init__(self, fit: Fit) -> None:
        structure = fit.in_given_time() if fit.kind == "random-slope" else fit.structure
        assert isinstance(structure, RandomEffects)
        self.structure = replace(structure, reml=False)
        solution = self.structure.solve()
        self.lowest = solution.state.deviance
        phi = solution.phi
        found = np.sqrt(np.maximum(phi[[0, 1]], 0.0))
        if len(phi) > 2:
            slope = float(np.sqrt(phi[3]))
            product = found[1] * slope
            found = np.array([*found, float(np.clip(phi[2] / product, -1, 1)) if product > 0 else 0.0, slope])
        self.best = found
        # where a search begins, and the size of a step in it
        self._unit = np.where(found > 0, found, 0.1 * found[0])
        if len(found) > 2:
            self._unit[2] = 1.0
        self._bounds = [(1e-3 * found[0], None), (0.0, None), (-1.0, 1.0), (0.0, None)][: len(found)]

    def deviance(self, fixed: int, value: float) -> float:
        """The lowest deviance where parameter ``fixed`` has that value."""
        free = [k for k in range(len(self.best)) if k != fixed]

        def target(u: np.ndarray) -> tuple[float, np.ndarray]:
            psi = np.empty(len(self.best))
            psi[free], psi[fixed] = u * self._unit[free], value
            try:
                deviance, gradient = self._at(psi)
            except NotIdentified:
                return np.inf, np.zeros(len(free))
            return deviance, gradient[free] * self._unit[free]

        bounds = [tuple(None if b is None else b / self._unit[k] for b in self._bounds[k]) for k in free]
        starts = [self.best[free] / self._unit[free]]
        if len(free) > 1:
            # with a correlation or a variance at its bound there may be another valley
            inside = self._unit[free] / self._unit[free]
            if 2 in free:
                inside[free.index(2)] = 0.0
            starts.append(inside)
        options = {"ftol": 1e-14, "gtol": 1e-8, "maxiter": 1000, "maxls": 60}
        runs = [minimize(target, s, jac=True, method="L-BFGS-B", bounds=bounds, options=options) for s in starts]
        return float(min(run.fun for run in runs))

    def _at(self, psi: np.ndarray) -> tuple[float, np.ndarray]:
        """The deviance and its gradient."""
        if len(psi) == 2:
            phi, jacobian = psi**2, np.diag(2 * psi)
        else:
            sigma, one, r, two = psi
            phi = np.array([sigma**2, one**2, r * one * two, two**2])
            jacobian = np.array(
                [[2 * sigma, 0, 0, 0], [0, 2 * one, 0, 0], [0, r * two, one * two, r * one], [0, 0, 0, 2 * two]]
            )
        state = self.structure.state(phi)
        return state.deviance, state.gradient @ jacobian


def _ends(excess: Callable[[float], float], best: float, name: str) -> tuple[float, float]:
    """Where the excess of the deviance over its limit passes through 0, below and above ``best``."""
    lowest, highest = (-1.0, 1.0) if name == "correlation" else (best * 1e-3 if name == "residual" else 0.0, np.inf)
    step = max(0.2 * best, 1e-3) if name != "correlation" else 0.2

    def end(direction: int, bound: float) -> float:
        inside, reach = best, step
        while True:
            outside = best + direction * reach
            outside = max(outside, bound) if direction < 0 else min(outside, bound)
            if excess(outside) > 0:
                return float(brentq(excess, inside, outside, xtol=1e-9, rtol=1e-9))
            if outside == bound:
                return float(bound)
            inside, reach = outside, 1.6 * reach

    return end(-1, lowest), end(1, highest)
