"""The search for the variances of random effects, by exact derivatives of the profiled deviance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.moments import CrossProducts
from coprod_trust.mixed.parameters import theta_to_phi

if TYPE_CHECKING:
    from coprod_trust.mixed.covariance import RandomEffects
    from coprod_trust.mixed.likelihood import State

STARTS = ((1.0, 0.0, 1.0), (1.0, 0.0, 0.1), (0.3, 0.0, 0.3))
# A relative standard deviation under this is taken for 0
BOUNDARY = 1e-6


def one_variance(products: CrossProducts, reml: bool, negative: bool) -> float:
    """The variance between people relative to the residual one: the root of the exact gradient, bracketed by a grid.

    0 where the deviance rises from there; with ``negative`` down to where V stops being positive definite.
    """
    if negative:
        floor = 1.0 / float(products.sizes.max())
        factors = np.concatenate([np.logspace(-6, 0, 13)[:-1], [1.0], 1 + np.logspace(-2, 5, 29)])
        steps = floor * (factors - 1)
    else:
        steps = np.concatenate([[0.0], np.logspace(-5, 5, 16)])
    deviances, slopes = _along(products, reml, steps)
    best = int(np.argmin(deviances))
    if best == 0 and negative:
        raise NotIdentified("the answers of a person are perfectly opposed", "use the unstructured covariance")
    if not negative and best <= 1 and slopes[0] >= 0:
        return 0.0
    low, high = max(best - 1, 0), min(best + 1, len(steps) - 1)
    if slopes[low] * slopes[high] > 0:
        raise NotIdentified("the variance between people has no finite estimate", "use the paired test")

    def slope(ratio: float) -> float:
        return float(_along(products, reml, np.array([ratio]))[1][0])

    return float(brentq(slope, steps[low], steps[high], xtol=1e-15, rtol=1e-15, maxiter=200))


def _along(products: CrossProducts, reml: bool, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) profiled deviances (less a constant) and their derivatives, for several ratios at once."""
    gram, counts, q = products.gram[:, 0, 0], products.counts, products.inner.shape[0]
    inner = 1 + ratios[:, None] * gram
    if (inner <= 0).any():
        raise NotIdentified("the covariance is not positive definite", "use a simpler covariance")
    normal = products.inner - ((ratios[:, None] / inner) @ products.flat).reshape(-1, q, q)
    try:
        factor = np.linalg.cholesky(normal[:, :-1, :-1])
    except np.linalg.LinAlgError:
        raise NotIdentified(
            "the columns of the model are collinear", "leave out a covariate that others determine"
        ) from None
    half = np.linalg.inv(factor)
    phi = half.transpose(0, 2, 1) @ half
    beta = (phi @ normal[:, :-1, -1:])[..., 0]
    contrast = np.concatenate([-beta, np.ones((len(ratios), 1))], axis=1)
    residual = np.einsum("ni,nij,nj->n", contrast, normal, contrast)
    dof = products.observations - (q - 1 if reml else 0)
    if not (residual > 1e-14 * dof).all():
        raise NotIdentified("the model fits every answer exactly", "there is no variation left to test against")
    deviance = np.log(inner) @ counts + dof * np.log(residual)
    moved = ((1 / inner**2) @ products.flat).reshape(-1, q, q)
    slope = (gram / inner) @ counts - dof * np.einsum("ni,nij,nj->n", contrast, moved, contrast) / residual
    if reml:
        deviance = deviance + 2 * np.log(np.einsum("nii->ni", factor)).sum(1)
        slope = slope - np.einsum("nij,nij->n", phi, moved[:, :-1, :-1])
    return deviance, slope


def intercept_and_slope(structure: RandomEffects) -> np.ndarray:
    """theta, the relative Cholesky factor by column: Newton steps from several starts.

    The deviance is the same for theta and with the sign of a column turned, so that no bound is needed: where the best
    variance is 0, its derivative there is 0 too.
    """
    best: tuple[float, np.ndarray] | None = None
    for start in STARTS:
        found = _newton(structure, np.array(start), None if best is None else best[1])
        if best is None or found[0] < best[0] - 1e-9:
            best = found
        # An interior optimum from the first start is the optimum; near the boundary there may be another.
        if min(best[1][0], best[1][2]) > 1e-2:
            break
    assert best is not None
    theta = best[1]
    theta[[0, 2]] = np.where(theta[[0, 2]] < BOUNDARY, 0.0, theta[[0, 2]])
    return theta


def _newton(structure: RandomEffects, theta: np.ndarray, known: np.ndarray | None) -> tuple[float, np.ndarray]:
    """Deviance and theta (its diagonal not negative) where steps by the curvature of the profiled deviance end.

    The search also ends where it comes close to the optimum that is ``known``.
    """
    sigma2, deviance, unit = _profiled(structure, theta)
    for _ in range(100):
        move, gradient, downwards = _step(unit.scaled(sigma2), theta, float(np.sqrt(sigma2)))
        size = max(1.0, float(np.abs(theta).max()))
        last = float(np.abs(move).max()) < 1e-7 * size
        if last and downwards is not None:
            # a saddle, such as a slope of no variance where some variance fits better: leave it
            move, last = 0.1 * size * downwards, False
            gradient = np.zeros_like(gradient)
        move *= min(1.0, 2 * size / max(float(np.abs(move).max()), 1e-300))
        while True:
            candidate = theta + move
            found = _profiled(structure, candidate)
            # going down by a part of what the gradient promises: otherwise steps may leap from a column to its mirror
            # image for ever
            if found[1] <= deviance + 0.1 * float(gradient @ move) + 1e-9:
                break
            move = move / 2
            if float(np.abs(move).max()) < 1e-13:
                return deviance, _canonical(theta)
        theta, (sigma2, deviance, unit) = candidate, found
        near = known is not None and float(np.abs(_canonical(theta) - known).max()) < 0.03 * size
        # Steps square their error: the one after a step of 1e-7 would be under 1e-13
        if last or (near and downwards is None):
            return deviance, _canonical(theta)
    raise NotIdentified("the variances between people have no finite estimate", "use a random intercept")


def _profiled(structure: RandomEffects, theta: np.ndarray) -> tuple[float, float, State]:
    """sigma^2 at its best, the deviance with it, and the state for a sigma^2 of 1."""
    shape, _, _ = theta_to_phi(theta, 1.0)
    unit = structure.state(shape)
    return *unit.profiled(), unit


def _canonical(theta: np.ndarray) -> np.ndarray:
    """The same factor with a diagonal that is not negative."""
    turn = -1.0 if theta[0] < 0 else 1.0
    return np.array([turn * theta[0], turn * theta[1], abs(theta[2])])


def _step(state: State, theta: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """A Newton step in theta, sigma being at its best; the gradient; and the direction in which the deviance curves
    downwards, if there is one (along it the step goes down too)."""
    _, jacobian, second = theta_to_phi(theta, sigma)
    full = jacobian.T @ state.hessian @ jacobian + np.tensordot(state.gradient, second, 1)
    gradient = (jacobian.T @ state.gradient)[:-1]
    hessian = full[:-1, :-1] - np.outer(full[:-1, -1], full[-1, :-1]) / full[-1, -1]
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    size = np.maximum(np.abs(values), 1e-10 * float(np.abs(values).max()))
    downwards = vectors[:, 0] if values[0] < -1e-7 * size.max() else None
    return -vectors @ ((vectors.T @ gradient) / size), gradient, downwards
