"""Tests of linear contrasts: Kenward-Roger and Satterthwaite.

Sources: Kenward & Roger (1997), Biometrics 53:983; Halekoh & Hojsgaard (2014), J. Stat. Softw. 59(9);
Fai & Cornelius (1996); Kuznetsova, Brockhoff & Christensen (2017), J. Stat. Softw. 82(13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coprod_trust.mixed.covariance import ContinuousAr1, RandomEffects, Solution, Unstructured
from coprod_trust.mixed.likelihood import Form, State

Structure = RandomEffects | Unstructured | ContinuousAr1


@dataclass(frozen=True)
class TTest:
    std_error: float
    df: float


@dataclass(frozen=True)
class FTest:
    statistic: float
    num_df: int
    den_df: float


class KenwardRoger:
    """Small-sample covariance of beta and degrees of freedom; the term with second derivatives of V is left out."""

    def __init__(self, state: State) -> None:
        self.phi = state.phi
        self.p_r = [-m[:-1, :-1] for m in state.once]
        self.weights = np.linalg.pinv(state.information, hermitian=True)
        total = np.zeros_like(self.phi)
        k = len(self.p_r)
        for r in range(k):
            for s in range(k):
                q_rs = state.twice[r][s][:-1, :-1]
                total += self.weights[r, s] * (q_rs - self.p_r[r] @ self.phi @ self.p_r[s])
        self.adjusted = self.phi + 2 * self.phi @ ((total + total.T) / 2) @ self.phi

    def _a1_a2(self, contrasts: np.ndarray) -> tuple[float, float]:
        theta = contrasts.T @ np.linalg.solve(contrasts @ self.phi @ contrasts.T, contrasts)
        moved = [theta @ self.phi @ p @ self.phi for p in self.p_r]
        traces = np.array([np.trace(m) for m in moved])
        a1 = float(traces @ self.weights @ traces)
        a2 = float(
            sum(
                self.weights[r, s] * np.sum(moved[r] * moved[s].T) for r in range(len(moved)) for s in range(len(moved))
            )
        )
        return a1, a2

    def t_test(self, contrast: np.ndarray) -> TTest:
        """Standard error and df of one contrast (p,)."""
        _, df = self._scaling(contrast[None, :])
        return TTest(float(np.sqrt(contrast @ self.adjusted @ contrast)), df)

    def f_test(self, contrasts: np.ndarray, beta: np.ndarray) -> FTest:
        """Joint test of contrasts (q, p) with full row rank."""
        scaling, df = self._scaling(contrasts)
        value = contrasts @ beta
        wald = float(value @ np.linalg.solve(contrasts @ self.adjusted @ contrasts.T, value))
        return FTest(scaling * wald / len(contrasts), len(contrasts), df)

    def _scaling(self, contrasts: np.ndarray) -> tuple[float, float]:
        """The factor of the F statistic and its denominator df."""
        q = len(contrasts)
        a1, a2 = self._a1_a2(contrasts)
        b = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        bottom = 3 * q + 2 * (1 - g)
        v0 = 1 + g / bottom * b
        v1 = 1 - (q - g) / bottom * b
        v2 = 1 - (q + 2 - g) / bottom * b
        v0 = 0.0 if abs(v0) < 1e-10 else v0
        # Where a2 is q and v1 is 0 together, their quotient is 1, as pbkrtest has it.
        quotient = 1.0 if abs(1 - a2 / q) < 1e-14 and abs(v1) < 1e-14 else (1 - a2 / q) / v1
        rho = quotient**2 * v0 / v2 / q
        df = 4 + (q + 2) / (q * rho - 1)
        scaling = 1.0 if abs(df - 2) < 1e-2 else df * (1 - a2 / q) / (df - 2)
        return scaling, float(df)


class Satterthwaite:
    """df from the curvature of the likelihood and the gradient of the covariance of beta.

    Random effects are taken in (theta, sigma), as lmerTest does: on the boundary directions without curvature are left
    out there, which no other parametrisation reproduces.
    """

    def __init__(self, structure: Structure, solution: Solution) -> None:
        state = solution.state
        self.phi = state.phi
        turn = np.array([state.phi @ m[:-1, :-1] @ state.phi for m in state.once])
        hessian = state.hessian
        if isinstance(structure, ContinuousAr1):
            hessian = hessian + curvature_of_v(state, structure.second(solution.phi))
        elif isinstance(structure, RandomEffects) and solution.theta is not None:
            jacobian, bend = _theta_sigma(solution.theta, float(np.sqrt(solution.phi[0])))
            hessian = jacobian.T @ hessian @ jacobian + np.tensordot(state.gradient, bend, axes=1)
            turn = np.tensordot(jacobian.T, turn, axes=1)
        self.turn = turn
        values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
        kept = values > 1e-8 * max(1.0, float(values[-1]))
        self.variance = 2 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T

    def t_test(self, contrast: np.ndarray) -> TTest:
        """Standard error and df of one contrast (p,)."""
        variance = float(contrast @ self.phi @ contrast)
        gradient = np.array([contrast @ t @ contrast for t in self.turn])
        return TTest(float(np.sqrt(variance)), float(2 * variance**2 / (gradient @ self.variance @ gradient)))

    def f_test(self, contrasts: np.ndarray, beta: np.ndarray) -> FTest:
        """Joint test of contrasts (q, p) with full row rank, by Fai & Cornelius."""
        covariance = contrasts @ self.phi @ contrasts.T
        values, vectors = np.linalg.eigh(covariance)
        rotated = vectors.T @ contrasts
        statistic = float(np.mean((rotated @ beta) ** 2 / values))
        dfs = np.array([self.t_test(row).df for row in rotated])
        return FTest(statistic, len(contrasts), _combined_df(dfs))


def _combined_df(dfs: np.ndarray) -> float:
    """Denominator df of the mean of squared independent t variables; as lmerTest."""
    q = len(dfs)
    if q == 1:
        return float(dfs[0])
    if np.ptp(dfs) < 1e-8:
        return float(dfs.mean())
    if not (dfs > 2).all():
        return 2.0
    total = float(np.sum(dfs / (dfs - 2)))
    return 2 * total / (total - q)


def _theta_sigma(theta: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Jacobian (k, m) and second derivatives (k, m, m) of phi in (theta, sigma)."""
    m = len(theta) + 1
    if len(theta) == 1:
        factors = [lambda t: 1.0, lambda t: t[0] ** 2]
        grads = [np.zeros(1), np.array([2 * theta[0]])]
        bends = [np.zeros((1, 1)), np.array([[2.0]])]
    else:
        a, b, c = theta
        factors = [lambda t: 1.0, lambda t: t[0] ** 2, lambda t: t[0] * t[1], lambda t: t[1] ** 2 + t[2] ** 2]
        grads = [np.zeros(3), np.array([2 * a, 0, 0]), np.array([b, a, 0]), np.array([0, 2 * b, 2 * c])]
        bends = [
            np.zeros((3, 3)),
            np.diag([2.0, 0, 0]),
            np.array([[0, 1.0, 0], [1.0, 0, 0], [0, 0, 0]]),
            np.diag([0, 2.0, 2.0]),
        ]
    k = len(factors)
    jacobian, second = np.zeros((k, m)), np.zeros((k, m, m))
    for r in range(k):
        value = factors[r](theta)
        jacobian[r, :-1] = sigma**2 * grads[r]
        jacobian[r, -1] = 2 * sigma * value
        second[r, :-1, :-1] = sigma**2 * bends[r]
        second[r, :-1, -1] = second[r, -1, :-1] = 2 * sigma * grads[r]
        second[r, -1, -1] = 2 * value
    return jacobian, second


def curvature_of_v(state: State, second: list[list[Form]]) -> np.ndarray:
    """What the second derivatives of V add to the Hessian of -2 log L: tr(P V_rs) - y'P V_rs P y."""
    k = len(second)
    flat = tuple(second[r][s] for r in range(k) for s in range(k))
    return State(state.products, state.inverse, state.logdet, flat, state.reml).gradient.reshape(k, k)
