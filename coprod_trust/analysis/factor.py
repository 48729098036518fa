"""One common factor behind several items, by maximum likelihood, and McDonald's omega from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ITERATIONS = 200
_CONVERGED = 1e-10
_Z = 1.959963984540054


@dataclass(frozen=True)
class OneFactor:
    """Loadings and residual variances of one factor with variance 1, in the units of the items."""

    loadings: Floats
    residuals: Floats

    @property
    def omega(self) -> float:
        """Share of the variance of the sum that the factor carries (McDonald 1999)."""
        common = float(self.loadings.sum()) ** 2
        return common / (common + float(self.residuals.sum()))

    @property
    def improper(self) -> str | None:
        """Why the solution describes nothing, or None."""
        if (self.residuals <= 0).any():
            return "the one-factor model gives an item no error (a Heywood case)"
        if (self.loadings <= 0).any():
            return "an item does not run with the others in a one-factor model"
        return None


def one_factor(covariance: Floats) -> OneFactor | None:
    """Fit by Fisher scoring (Joreskog 1967) on the correlations; None where it does not converge.

    ``covariance`` is positive definite, of three items or more. A residual variance may come out negative.
    """
    sd = np.sqrt(np.diag(covariance))
    r = covariance / np.outer(sd, sd)
    p = len(r)
    vector = np.linalg.eigh(r)[1][:, -1]
    start = vector * np.sign(vector.sum() or 1.0) * math.sqrt(0.5 * p)
    state = np.concatenate([start, np.full(p, 0.5)])
    value = _discrepancy(state, r)
    for _ in range(_ITERATIONS):
        gradient, information = _derivatives(state, r)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return None
        size = 1.0
        while size > 1e-6:
            tried = state - size * step
            new = _discrepancy(tried, r)
            if new <= value + 1e-14:
                break
            size /= 2
        else:
            return None
        state, moved, value = tried, float(np.abs(tried - state).max()), new
        if moved < _CONVERGED:
            sign = np.sign(state[:p].sum() or 1.0)
            return OneFactor(sign * state[:p] * sd, state[p:] * sd**2)
    return None


def _implied(state: Floats) -> Floats:
    p = len(state) // 2
    return np.outer(state[:p], state[:p]) + np.diag(state[p:])


def _discrepancy(state: Floats, r: Floats) -> float:
    implied = _implied(state)
    try:
        factor = np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return math.inf
    return 2 * float(np.log(np.diag(factor)).sum()) + float(np.trace(np.linalg.solve(implied, r)))


def _derivatives(state: Floats, r: Floats) -> tuple[Floats, Floats]:
    """Gradient of the discrepancy in loadings and residual variances, and its expected Hessian."""
    loadings = state[: len(r)]
    inverse = np.linalg.inv(_implied(state))
    lack = inverse - inverse @ r @ inverse
    weighted = inverse @ loadings
    top = 2 * (np.outer(weighted, weighted) + inverse * float(loadings @ weighted))
    side = 2 * inverse * weighted[None, :]
    information = np.block([[top, side], [side.T, inverse**2]])
    return np.concatenate([2 * lack @ loadings, np.diag(lack)]), information


def omega_with_interval(items: Floats) -> tuple[float, float, float] | str:
    """McDonald's omega of people x items without gaps, with a 95 % interval, or why there is none.

    The error comes from each person's influence on the estimate (so it does not rest on normal answers, which scales of
    few steps never are), the interval from the logit of omega.
    """
    n = len(items)
    centred = items - items.mean(axis=0)
    covariance = centred.T @ centred / n
    sd = np.sqrt(np.diag(covariance))
    if np.linalg.eigvalsh(covariance / np.outer(sd, sd))[0] < 1e-8:
        return "the items determine one another"
    fitted = one_factor(covariance)
    if fitted is None:
        return "the one-factor model did not converge"
    if fitted.improper:
        return fitted.improper
    value = fitted.omega
    influence = _influence(fitted, centred, covariance)
    error = math.sqrt(float(influence @ influence) / n) / math.sqrt(n - 1)
    half = _Z * error / (value * (1 - value))
    logit = math.log(value / (1 - value))
    low, high = (1 / (1 + math.exp(-(logit + side * half))) for side in (-1, 1))
    return value, low, high


def _influence(fitted: OneFactor, centred: Floats, covariance: Floats) -> Floats:
    """How far each person moves omega: a quadratic form of their answers, from the estimating equations."""
    state = np.concatenate([fitted.loadings, fitted.residuals])
    p = len(fitted.loadings)
    total, error = float(fitted.loadings.sum()), float(fitted.residuals.sum())
    spread = (total**2 + error) ** 2
    slope = np.concatenate([np.full(p, 2 * total * error / spread), np.full(p, -(total**2) / spread)])
    _, information = _derivatives(state, covariance)
    weights = np.linalg.solve(information, slope)
    direction = np.outer(weights[:p], fitted.loadings)
    direction = direction + direction.T + np.diag(weights[p:])
    inverse = np.linalg.inv(_implied(state))
    form = inverse @ direction @ inverse
    return np.einsum("ni,ij,nj->n", centred, form, centred) - float(np.trace(form @ covariance))
