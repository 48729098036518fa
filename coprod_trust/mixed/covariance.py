"""How the answers of one person hang together: random effects, or a covariance over the waves.

Each structure turns its parameters phi into a likelihood State, and finds the phi that fits best. ``shape`` is V up to
sigma^2; sigma^2 itself is always profiled out while searching.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy.optimize import brentq, minimize

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.likelihood import Form, State
from coprod_trust.mixed.moments import Attendance, CrossProducts


@dataclass(frozen=True)
class Solution:
    """Where the search ended: ``phi`` with V linear in it (not for ar1), and whether that is on the boundary."""

    phi: np.ndarray
    state: State
    singular: bool
    theta: np.ndarray | None = None  # relative Cholesky factor of the random effects, by column


def _profiled(make: Callable[[float], State], reml: bool) -> tuple[float, State]:
    """sigma^2 that fits best for a given shape, and the state there."""
    unit = make(1.0)
    sigma2 = unit.residual / (unit.observations - (unit.p if reml else 0))
    if not sigma2 > 1e-14:
        raise NotIdentified("the model fits every answer exactly", "there is no variation left to test against")
    return sigma2, make(sigma2)


def lower_pairs(size: int) -> list[tuple[int, int]]:
    """(row, column) of a lower triangle, column by column: the order of the parameters of a symmetric matrix."""
    return [(i, j) for j, i in combinations_with_replacement(range(size), 2)]


def unit_matrices(size: int) -> list[np.ndarray]:
    """Symmetric matrices with 1 at one pair, in the order of ``lower_pairs``."""
    found = []
    for i, j in lower_pairs(size):
        unit = np.zeros((size, size))
        unit[i, j] = unit[j, i] = 1.0
        found.append(unit)
    return found


def lower_triangle(matrix: np.ndarray) -> np.ndarray:
    """The parameters of a symmetric matrix, in the order of ``lower_pairs``."""
    return np.array([matrix[i, j] for i, j in lower_pairs(len(matrix))])


def symmetric(values: np.ndarray, size: int) -> np.ndarray:
    """The symmetric matrix of such parameters."""
    found = np.zeros((size, size))
    for value, (i, j) in zip(values, lower_pairs(size), strict=True):
        found[i, j] = found[j, i] = value
    return found


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

    def covariance(self, phi: np.ndarray) -> np.ndarray:
        """(b, b) the matrix D of phi."""
        return symmetric(phi[1:], self.size)

    def state(self, phi: np.ndarray) -> State:
        """The likelihood at phi; NotIdentified where V is not positive definite."""
        gram = self.products.gram
        sigma2, relative = phi[0], self.covariance(phi) / phi[0]
        inner = np.eye(self.size) + gram @ relative
        sign, logdet = np.linalg.slogdet(inner)
        if (sign <= 0).any() or sigma2 <= 0:
            raise NotIdentified("the covariance is not positive definite", "use a simpler covariance")
        middle = -relative @ np.linalg.inv(inner) / sigma2
        zero = np.zeros_like(gram)
        parts = (Form(1.0, zero), *(Form(0.0, np.broadcast_to(u, gram.shape)) for u in unit_matrices(self.size)))
        return State(
            self.products, Form(1 / sigma2, middle), self.products.sizes * np.log(sigma2) + logdet, parts, self.reml
        )

    def _at(self, relative: np.ndarray) -> tuple[float, State]:
        lower = lower_triangle(relative)
        return _profiled(lambda s2: self.state(np.append(s2, s2 * lower)), self.reml)

    def solve(self) -> Solution:
        """The phi that fits best."""
        return self._solve_one() if self.size == 1 else self._solve_two()

    def _solve_one(self) -> Solution:
        """One variance: the root of the exact gradient in the relative variance, bracketed by a grid."""

        def slope(relative: float) -> float:
            return float(self._at(np.array([[relative]]))[1].gradient[1])

        floor = 0.0
        if self.negative:
            floor = -1.0 / float(self.products.sizes.max())
            steps = floor + np.abs(floor) * np.concatenate(
                [np.logspace(-6, 0, 13)[:-1], [1.0], 1 + np.logspace(-2, 5, 29)]
            )
        else:
            steps = np.concatenate([[0.0], np.logspace(-5, 5, 16)])
        deviances = [self._at(np.array([[x]]))[1].deviance for x in steps]
        best = int(np.argmin(deviances))
        low, high = steps[max(best - 1, 0)], steps[min(best + 1, len(steps) - 1)]
        if best == 0 and self.negative:
            raise NotIdentified("the answers of a person are perfectly opposed", "use the unstructured covariance")
        if not self.negative and best <= 1 and slope(0.0) >= 0:
            return self._solution(np.zeros((1, 1)), singular=True)
        if slope(low) * slope(high) > 0:
            raise NotIdentified("the variance between people has no finite estimate", "use the paired test")
        root = brentq(slope, low, high, xtol=1e-15, rtol=1e-15, maxiter=200)
        return self._solution(np.array([[root]]), singular=False)

    def _solution(self, relative: np.ndarray, singular: bool) -> Solution:
        sigma2, state = self._at(relative)
        lower = lower_triangle(relative)
        theta = None
        if not self.negative:
            theta = np.sqrt(np.maximum(relative, 0)).ravel() if self.size == 1 else cholesky_2x2(relative)
        return Solution(np.append(sigma2, sigma2 * lower), state, singular, theta)

    def _solve_two(self) -> Solution:
        """Intercept and slope: quasi-Newton on the relative Cholesky factor, from several starts, then Newton."""

        def target(theta: np.ndarray) -> tuple[float, np.ndarray]:
            factor = np.array([[theta[0], 0.0], [theta[1], theta[2]]])
            sigma2, state = self._at(factor @ factor.T)
            g = state.gradient[1:] * sigma2
            jacobian = np.array([[2 * theta[0], 0, 0], [theta[1], theta[0], 0], [0, 2 * theta[1], 2 * theta[2]]])
            return state.deviance, g @ jacobian

        bounds = [(0.0, None), (None, None), (0.0, None)]
        # Newton steps follow: the search need only come close
        options = {"ftol": 1e-12, "gtol": 1e-5, "maxiter": 500, "maxls": 50}
        runs = []
        for start in ([1.0, 0.0, 1.0], [1.0, 0.0, 0.1], [0.3, 0.0, 0.3]):
            runs.append(minimize(target, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options))
            # An interior optimum from the first start is the optimum; near the boundary there may be another.
            if min(runs[0].x[0], runs[0].x[2]) > 1e-2:
                break
        theta = self._polish(min(runs, key=lambda r: r.fun).x, target)
        factor = np.array([[theta[0], 0.0], [theta[1], theta[2]]])
        singular = min(theta[0], theta[2]) < 1e-5
        return self._solution(factor @ factor.T, singular)

    def _polish(self, theta: np.ndarray, target: Callable[[np.ndarray], tuple[float, np.ndarray]]) -> np.ndarray:
        """Newton steps with the Hessian from differences of the exact gradient, over what is not on its bound."""
        bounded = np.array([True, False, True])
        for _ in range(20):
            value, gradient = target(theta)
            free = ~(bounded & (theta < 1e-6))
            theta = np.where(free, theta, 0.0)
            hessian = np.empty((3, 3))
            for k in range(3):
                step = 1e-5 * max(1.0, abs(theta[k]))
                up, down = theta.copy(), theta.copy()
                up[k] += step
                down[k] -= step
                hessian[k] = (target(up)[1] - target(down)[1]) / (2 * step)
            hessian = (hessian + hessian.T) / 2
            try:
                move = np.zeros(3)
                move[free] = -np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
            except np.linalg.LinAlgError:
                return theta
            while np.abs(move).max() > 1e-14:
                candidate = theta + move
                if (candidate[bounded] >= 0).all() and target(candidate)[0] <= value + 1e-12:
                    break
                move = move / 2
            else:
                return theta
            theta = theta + move
            if np.abs(move).max() < 1e-11:
                return theta
        return theta


def cholesky_2x2(matrix: np.ndarray) -> np.ndarray:
    """(theta1, theta2, theta3) of a matrix that may be singular."""
    first = np.sqrt(max(matrix[0, 0], 0.0))
    second = matrix[1, 0] / first if first > 0 else 0.0
    return np.array([first, second, np.sqrt(max(matrix[1, 1] - second**2, 0.0))])


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
        shape = self.products.gram.shape
        parts = tuple(Form(0.0, np.broadcast_to(unit, shape)) for unit in unit_matrices(self.size))
        return over_waves(self.products, self.covariance(phi), parts, self.reml)

    def solve(self) -> Solution:
        """Fisher scoring with halved steps, ending in Newton steps with the exact Hessian."""
        phi = lower_triangle(0.7 * np.eye(self.size) + 0.3)
        state = self.state(phi)
        for iteration in range(200):
            curvature = state.information * 2 if iteration < 8 else state.hessian
            if iteration >= 8 and np.linalg.eigvalsh(curvature)[0] <= 0:
                curvature = state.information * 2
            try:
                move = -np.linalg.solve(curvature, state.gradient)
            except np.linalg.LinAlgError:
                raise NotIdentified(
                    "the covariance over the waves cannot be estimated", "use compound symmetry"
                ) from None
            candidate = self._shorter(phi, move, state.deviance)
            if candidate is None:
                return Solution(phi, state, singular=False)
            moved = float(np.abs(candidate[0] - phi).max())
            phi, state = candidate
            if moved < 1e-12:
                return Solution(phi, state, singular=False)
        raise NotIdentified("the covariance over the waves has no finite estimate", "use compound symmetry")

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
    """V = sigma^2 rho^|t - t'|, rho in (0, 1) for one unit of time. phi = (sigma^2, rho); V is not linear in rho."""

    products: CrossProducts
    reml: bool
    times: np.ndarray

    @property
    def _lags(self) -> np.ndarray:
        return np.abs(self.times[:, None] - self.times[None, :])

    def covariance(self, phi: np.ndarray) -> np.ndarray:
        """(W, W) V of somebody with every wave."""
        return phi[0] * phi[1] ** self._lags

    def state(self, phi: np.ndarray) -> State:
        """The likelihood at phi, with the first derivatives of V there as its parts."""
        lags, shape = self._lags, self.products.gram.shape
        correlation = phi[1] ** lags
        turn = phi[0] * lags * phi[1] ** (lags - 1)
        parts = (Form(0.0, np.broadcast_to(correlation, shape)), Form(0.0, np.broadcast_to(turn, shape)))
        return over_waves(self.products, phi[0] * correlation, parts, self.reml)

    def second(self, phi: np.ndarray) -> list[list[Form]]:
        """Second derivatives of V."""
        lags, shape = self._lags, self.products.gram.shape
        mixed = Form(0.0, np.broadcast_to(lags * phi[1] ** (lags - 1), shape))
        twice = Form(0.0, np.broadcast_to(phi[0] * lags * (lags - 1) * phi[1] ** (lags - 2), shape))
        none = Form(0.0, np.zeros(shape))
        return [[none, mixed], [mixed, twice]]

    def _at(self, rho: float) -> tuple[float, State]:
        return _profiled(lambda s2: self.state(np.array([s2, rho])), self.reml)

    def solve(self) -> Solution:
        """The root of the exact gradient in rho, bracketed by a grid over the correlation at the mean gap."""
        gap = float(np.diff(self.times).mean())
        steps = np.concatenate([np.logspace(-6, -2, 9), np.linspace(0.05, 0.95, 19), 1 - np.logspace(-2, -8, 13)])
        steps = steps ** (1 / gap)
        best = int(np.argmin([self._at(r)[1].deviance for r in steps]))
        if best == 0:
            raise NotIdentified("answers closer in time are not more alike", "use compound symmetry or unstructured")
        if best == len(steps) - 1:
            raise NotIdentified("answers of a person hardly differ over time", "use compound symmetry")
        rho = brentq(lambda r: self._at(r)[1].gradient[1], steps[best - 1], steps[best + 1], xtol=1e-15, rtol=1e-15)
        sigma2, state = self._at(rho)
        return Solution(np.array([sigma2, rho]), state, singular=False)


def over_waves(products: CrossProducts, sigma: np.ndarray, parts: tuple[Form, ...], reml: bool) -> State:
    """The likelihood where V of a person is ``sigma`` (W, W) restricted to the waves that the person has."""
    attended = np.einsum("gii->gi", products.gram)
    both = attended[:, :, None] * attended[:, None, :]
    # Waves that are absent get 1 on the diagonal: they add nothing to the determinant and are taken out again.
    padded = both * sigma + np.einsum("gi,ij->gij", 1 - attended, np.eye(sigma.shape[0]))
    try:
        factor = np.linalg.cholesky(padded)
    except np.linalg.LinAlgError:
        raise NotIdentified("the covariance over the waves is not positive definite", "use compound symmetry") from None
    logdet = 2 * np.log(np.einsum("gii->gi", factor)).sum(1)
    inverse = np.linalg.inv(padded) * both
    return State(products, Form(0.0, inverse), logdet, parts, reml)


def check_pairs(attended: Attendance, waves: tuple[str, ...]) -> None:
    """NotIdentified where two waves have nobody in common: their covariance cannot be known."""
    shared = np.einsum("gi,gj,g->ij", attended.waves, attended.waves, attended.counts)
    for i in range(len(waves)):
        for j in range(i):
            if shared[i, j] < 2:
                raise NotIdentified(
                    f"fewer than two people answered in both {waves[j]} and {waves[i]}", "use compound symmetry"
                )
