"""How the answers of one person hang together: random effects, or a covariance over the waves.

Each structure turns its parameters phi into a likelihood State, and finds the phi that fits best. ``shape`` is V up to
sigma^2; sigma^2 itself is always profiled out while searching.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.likelihood import Derivatives, OwnDerivatives, State
from coprod_trust.mixed.moments import Attendance, CrossProducts
from coprod_trust.mixed.parameters import lower_triangle, symmetric, theta_to_phi, unit_matrices
from coprod_trust.mixed.search import intercept_and_slope, one_variance

# Scoring steps that the search for an unstructured covariance begins with, before steps by the exact Hessian
SCORING_STEPS = 3


# The smallest eigenvalue that the correlation matrix of an unstructured covariance may have: the search ends
# anywhere near the edge, where a combination of waves has no variance.
SINGULAR = 1e-6


@dataclass(frozen=True)
class Solution:
    """Where the search ended: ``phi`` with V linear in it (not for ar1), and whether that is on the boundary."""

    phi: np.ndarray
    state: State
    singular: bool
    theta: np.ndarray | None = None  # relative Cholesky factor of the random effects, by column


@dataclass(frozen=True)
class RandomEffects:
    """V = sigma^2 I + Z D Z'. phi = (sigma^2, D by its lower triangle: D11, D21, D22).

    ``negative``: D (one number) may be negative down to where V stops being positive definite: compound symmetry.
    """

    products: CrossProducts
    reml: bool
    negative: bool = False

    @property
    def size(self) -> int:
        return self.products.gram.shape[1]

    @cached_property
    def _parts(self) -> Derivatives:
        inner = np.array([np.zeros((self.size, self.size)), *unit_matrices(self.size)])
        return Derivatives(np.append(1.0, np.zeros(len(inner) - 1)), inner)

    def covariance(self, phi: np.ndarray) -> np.ndarray:
        """(b, b) the matrix D of phi."""
        return symmetric(phi[1:], self.size)

    def state(self, phi: np.ndarray) -> State:
        """The likelihood at phi; NotIdentified where V is not positive definite."""
        gram = self.products.gram
        sigma2 = float(phi[0])
        if not sigma2 > 0:
            raise NotIdentified("the covariance is not positive definite", "use a simpler covariance")
        relative = self.covariance(phi) / sigma2
        inner = np.eye(self.size) + gram @ relative
        sign, logdet = np.linalg.slogdet(inner)
        if (sign <= 0).any():
            raise NotIdentified("the covariance is not positive definite", "use a simpler covariance")
        middle = -relative @ np.linalg.inv(inner) / sigma2
        middle = (middle + middle.transpose(0, 2, 1)) / 2
        logdet = self.products.sizes * np.log(sigma2) + logdet
        return State(self.products, 1 / sigma2, middle, logdet, self._parts, self.reml)

    def solve(self) -> Solution:
        """The phi that fits best."""
        if self.size == 1:
            ratio = one_variance(self.products, self.reml, self.negative)
            shape = np.array([1.0, ratio])
            unit = self.state(shape)
            sigma2, _ = unit.profiled()
            theta = None if self.negative else np.sqrt([ratio])
            return Solution(sigma2 * shape, unit.scaled(sigma2), ratio == 0.0 and not self.negative, theta)
        theta = intercept_and_slope(self)
        shape, _, _ = theta_to_phi(theta, 1.0)
        unit = self.state(shape)
        sigma2, _ = unit.profiled()
        return Solution(sigma2 * shape, unit.scaled(sigma2), bool(min(theta[0], theta[2]) < 1e-5), theta)


@dataclass(frozen=True)
class Independent:
    """V = sigma^2 I: an ordinary regression, what is left of random effects without variance. phi = (sigma^2,)."""

    products: CrossProducts
    reml: bool
    n_waves: int

    def covariance(self, phi: np.ndarray) -> np.ndarray:
        """(W, W) V of somebody with every wave."""
        return phi[0] * np.eye(self.n_waves)

    def state(self, phi: np.ndarray) -> State:
        """The likelihood at phi."""
        gram = self.products.gram
        logdet = self.products.sizes * np.log(phi[0])
        parts = Derivatives(np.ones(1), np.zeros((1, *gram.shape[1:])))
        return State(self.products, 1 / float(phi[0]), np.zeros(gram.shape), logdet, parts, self.reml)

    def solve(self) -> Solution:
        """The residual variance."""
        unit = self.state(np.ones(1))
        sigma2, _ = unit.profiled()
        return Solution(np.array([sigma2]), unit.scaled(sigma2), singular=False)


@dataclass(frozen=True)
class Unstructured:
    """V = Sigma restricted to the waves a person has. phi: the lower triangle of Sigma."""

    products: CrossProducts
    reml: bool

    @property
    def size(self) -> int:
        return self.products.gram.shape[1]

    def covariance(self, phi: np.ndarray) -> np.ndarray:
        """(W, W) Sigma."""
        return symmetric(phi, self.size)

    def state(self, phi: np.ndarray) -> State:
        """The likelihood at phi; NotIdentified where Sigma is not positive definite."""
        return over_waves(self.products, self.covariance(phi), self._parts, self.reml)

    @cached_property
    def _parts(self) -> Derivatives:
        inner = np.array(unit_matrices(self.size))
        return Derivatives(np.zeros(len(inner)), inner)

    def solve(self) -> Solution:
        """The phi that fits best; NotIdentified where its covariance is singular but for rounding."""
        solution = self._search()
        sigma = self.covariance(solution.phi)
        size = np.sqrt(np.diag(sigma))
        if np.linalg.eigvalsh(sigma / np.outer(size, size))[0] < SINGULAR:
            raise NotIdentified("the covariance over the waves is not positive definite", "use compound symmetry")
        return solution

    def _search(self) -> Solution:
        """Fisher scoring with halved steps, ending in Newton steps with the exact Hessian."""
        phi = lower_triangle(0.7 * np.eye(self.size) + 0.3)
        state = self.state(phi)
        promised = 0.0
        for iteration in range(200):
            curvature = state.information * 2 if iteration < SCORING_STEPS else state.hessian
            if iteration >= SCORING_STEPS and np.linalg.eigvalsh(curvature)[0] <= 0:
                curvature = state.information * 2
            try:
                move = -np.linalg.solve(curvature, state.gradient)
            except np.linalg.LinAlgError:
                raise NotIdentified(
                    "the covariance over the waves cannot be estimated", "use compound symmetry"
                ) from None
            # what a step still promises to take from the deviance
            promised = -float(state.gradient @ move)
            candidate = self._shorter(phi, move, state.deviance)
            if candidate is None:
                break
            moved = float(np.abs(candidate[0] - phi).max())
            phi, state = candidate
            # Newton's steps shrink quadratically: after one that promised next to nothing there is nothing left.
            if moved < 1e-12 or (iteration >= SCORING_STEPS and promised < 1e-13):
                break
        if promised > 1e-6:
            raise NotIdentified("the covariance over the waves has no finite estimate", "use compound symmetry")
        return Solution(phi, state, singular=False)

    def _shorter(self, phi: np.ndarray, move: np.ndarray, deviance: float) -> tuple[np.ndarray, State] | None:
        """The longest of ever shorter steps that does not raise the deviance; None where the end is reached."""
        for _ in range(40):
            try:
                state = self.state(phi + move)
                if state.deviance <= deviance + 1e-10:
                    return phi + move, state
            except NotIdentified:
                pass
            move = move / 2
            if np.abs(move).max() < 1e-13:
                break
        return None


@dataclass(frozen=True)
class ContinuousAr1:
    """V = sigma^2 rho^|t - t'|, rho in (0, 1) for one unit of time. phi = (sigma^2, rho); V is not linear in rho.

    ``visits`` (G, W) where people came at times of their own.
    """

    products: CrossProducts
    reml: bool
    times: np.ndarray
    visits: np.ndarray | None = None

    @cached_property
    def _lags(self) -> np.ndarray:
        """(W, W), or (G, W, W) with 0 where there was no visit."""
        if self.visits is None:
            return np.abs(self.times[:, None] - self.times[None, :])
        return np.nan_to_num(np.abs(self.visits[:, :, None] - self.visits[:, None, :]))

    def _derivatives(self, *parts: np.ndarray) -> Derivatives:
        kind = Derivatives if self.visits is None else OwnDerivatives
        return kind(np.zeros(len(parts)), np.array(parts))

    def covariance(self, phi: np.ndarray) -> np.ndarray:
        """(W, W) V of somebody with every wave, at its mean time where people came at their own."""
        return phi[0] * phi[1] ** np.abs(self.times[:, None] - self.times[None, :])

    def state(self, phi: np.ndarray) -> State:
        """The likelihood at phi, with the first derivatives of V there as its parts."""
        lags = self._lags
        correlation = phi[1] ** lags
        turn = phi[0] * lags * phi[1] ** (lags - 1)
        parts = self._derivatives(correlation, turn)
        return over_waves(self.products, phi[0] * correlation, parts, self.reml)

    def second(self, phi: np.ndarray) -> Derivatives:
        """The second derivatives of V: twice in sigma^2, mixed, mixed, twice in rho."""
        lags = self._lags
        mixed = lags * phi[1] ** (lags - 1)
        twice = phi[0] * lags * (lags - 1) * phi[1] ** (lags - 2)
        return self._derivatives(np.zeros_like(lags), mixed, mixed, twice)

    def _slope(self, rho: float) -> float:
        unit = self.state(np.array([1.0, rho]))
        return float(unit.scaled(unit.profiled()[0]).gradient[1])

    def solve(self) -> Solution:
        """The root of the exact gradient in rho, bracketed by a grid over the correlation at the mean gap."""
        gap = float(np.diff(self.times).mean())
        steps = np.concatenate([np.logspace(-6, -2, 9), np.linspace(0.05, 0.95, 19), 1 - np.logspace(-2, -8, 13)])
        steps = steps ** (1 / gap)
        best = int(np.argmin([self.state(np.array([1.0, r])).profiled()[1] for r in steps]))
        if best == 0:
            raise NotIdentified("answers closer in time are not more alike", "use compound symmetry or unstructured")
        if best == len(steps) - 1:
            raise NotIdentified("answers of a person hardly differ over time", "use compound symmetry")
        rho = float(brentq(self._slope, steps[best - 1], steps[best + 1], xtol=1e-15, rtol=1e-15))
        sigma2, _ = self.state(np.array([1.0, rho])).profiled()
        phi = np.array([sigma2, rho])
        return Solution(phi, self.state(phi), singular=False)


def over_waves(products: CrossProducts, sigma: np.ndarray, parts: Derivatives, reml: bool) -> State:
    """The likelihood where V of a person is ``sigma`` (W, W; of each person G, W, W) restricted to the waves that the
    person has."""
    attended = np.einsum("gii->gi", products.gram)
    both = attended[:, :, None] * attended[:, None, :]
    # Waves that are absent get 1 on the diagonal: they add nothing to the determinant and are taken out again.
    padded = both * sigma + np.einsum("gi,ij->gij", 1 - attended, np.eye(sigma.shape[-1]))
    try:
        factor = np.linalg.cholesky(padded)
        # A matrix that is singular but for rounding may have a factor and no inverse.
        inverse = np.linalg.inv(padded) * both
    except np.linalg.LinAlgError:
        raise NotIdentified("the covariance over the waves is not positive definite", "use compound symmetry") from None
    logdet = 2 * np.log(np.einsum("gii->gi", factor)).sum(1)
    return State(products, 0.0, inverse, logdet, parts, reml)


def check_pairs(attended: Attendance, waves: tuple[str, ...]) -> None:
    """NotIdentified where two waves have nobody in common: their covariance cannot be known."""
    shared = np.einsum("gi,gj,g->ij", attended.waves, attended.waves, attended.counts)
    for i in range(len(waves)):
        for j in range(i):
            if shared[i, j] < 2:
                raise NotIdentified(
                    f"fewer than two people answered in both {waves[j]} and {waves[i]}", "use compound symmetry"
                )
