"""Tests of linear contrasts: Kenward-Roger and Satterthwaite.

Sources: Kenward & Roger (1997), Biometrics 53:983; Halekoh & Hojsgaard (2014), J. Stat. Softw. 59(9);
Fai & Cornelius (1996); Kuznetsova, Brockhoff & Christensen (2017), J. Stat. Softw. 82(13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coprod_trust.mixed.covariance import ContinuousAr1, Independent, RandomEffects, Solution, Unstructured
from coprod_trust.mixed.likelihood import Derivatives, State
from coprod_trust.mixed.parameters import theta_to_phi

Structure = RandomEffects | Independent | Unstructured | ContinuousAr1


@dataclass(frozen=True)
class TTests:
    """Standard errors and degrees of freedom of contrasts, (m,) each."""

    std_error: np.ndarray
    df: np.ndarray


@dataclass(frozen=True)
class FTest:
    statistic: float
    num_df: int
    den_df: float


class KenwardRoger:
    """Small-sample covariance of beta and degrees of freedom; the term with second derivatives of V is left out."""

    def __init__(self, state: State) -> None:
        self.phi = state.phi
        self.p_r = -state.once[:, :-1, :-1]
        self.weights = np.linalg.pinv(state.information, hermitian=True)
        k, p = self.p_r.shape[:2]
        # sum of w_rs (Q_rs - P_r Phi P_s)
        right = np.tensordot(self.weights, self.p_r, 1)
        crossed = (self.p_r @ self.phi).transpose(1, 0, 2).reshape(p, k * p) @ right.reshape(k * p, p)
        total = state.twice(self.weights)[:-1, :-1] - crossed
        self.adjusted = self.phi + 2 * self.phi @ ((total + total.T) / 2) @ self.phi

    def t_tests(self, contrasts: np.ndarray) -> TTests:
        """Standard errors and df of contrasts (m, p), one by one."""
        variances = np.einsum("mi,ij,mj->m", contrasts, self.adjusted, contrasts)
        moved = contrasts @ self.phi
        traces = np.einsum("mi,kij,mj->mk", moved, self.p_r, moved) / np.sum(moved * contrasts, axis=1)[:, None]
        # of a single contrast both of Kenward and Roger's sums are this one
        both = np.einsum("mk,kl,ml->m", traces, self.weights, traces)
        return TTests(np.sqrt(variances), np.array([_scaling(1, a, a)[1] for a in both.tolist()]))

    def f_test(self, contrasts: np.ndarray, beta: np.ndarray) -> FTest:
        """Joint test of contrasts (q, p) with full row rank."""
        q = len(contrasts)
        theta = contrasts.T @ np.linalg.solve(contrasts @ self.phi @ contrasts.T, contrasts)
        moved = theta @ self.phi @ self.p_r @ self.phi
        traces = np.trace(moved, axis1=1, axis2=2)
        a1 = float(traces @ self.weights @ traces)
        k = len(moved)
        a2 = float(np.sum(self.weights * (moved.reshape(k, -1) @ moved.transpose(0, 2, 1).reshape(k, -1).T)))
        scaling, df = _scaling(q, a1, a2)
        value = contrasts @ beta
        wald = float(value @ np.linalg.solve(contrasts @ self.adjusted @ contrasts.T, value))
        return FTest(scaling * wald / q, q, df)


def _scaling(q: int, a1: float, a2: float) -> tuple[float, float]:
    """The factor of Kenward and Roger's F statistic and its denominator df."""
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    bottom = 3 * q + 2 * (1 - g)
    v0 = 1 + g / bottom * b
    v1 = 1 - (q - g) / bottom * b
    v2 = 1 - (q + 2 - g) / bottom * b
    v0 = 0.0 if abs(v0) < 1e-10 else v0
    # Where a2 is q and v1 is 0 together, their quotient is 1, as pbkrtest has it.
    quotient = 1.0 if abs(1 - a2 / q) < 1e-14 and abs(v1) < 1e-14 else (1 - a2 / q) / v1
    # 4 + (q + 2) / (q rho - 1) with rho = quotient^2 v0 / (q v2); v2 is 0 where the df are 4.
    df = 4 + (q + 2) * v2 / (quotient**2 * v0 - v2)
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
        turn = state.phi @ state.once[:, :-1, :-1] @ state.phi
        hessian = state.hessian
        if isinstance(structure, ContinuousAr1):
            hessian = hessian + curvature_of_v(state, structure.second(solution.phi))
        elif isinstance(structure, RandomEffects) and solution.theta is not None:
            _, jacobian, bend = theta_to_phi(solution.theta, float(np.sqrt(solution.phi[0])))
            hessian = jacobian.T @ hessian @ jacobian + np.tensordot(state.gradient, bend, axes=1)
            turn = np.tensordot(jacobian.T, turn, axes=1)
        self.turn = turn
        values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
        kept = values > 1e-8 * max(1.0, float(values[-1]))
        self.variance = 2 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T

    def t_tests(self, contrasts: np.ndarray) -> TTests:
        """Standard errors and df of contrasts (m, p), one by one."""
        variances = np.einsum("mi,ij,mj->m", contrasts, self.phi, contrasts)
        gradients = np.einsum("mi,kij,mj->mk", contrasts, self.turn, contrasts)
        bottom = np.einsum("mk,kl,ml->m", gradients, self.variance, gradients)
        return TTests(np.sqrt(variances), 2 * variances**2 / bottom)

    def f_test(self, contrasts: np.ndarray, beta: np.ndarray) -> FTest:
        """Joint test of contrasts (q, p) with full row rank, by Fai & Cornelius."""
        covariance = contrasts @ self.phi @ contrasts.T
        values, vectors = np.linalg.eigh(covariance)
        rotated = vectors.T @ contrasts
        statistic = float(np.mean((rotated @ beta) ** 2 / values))
        return FTest(statistic, len(contrasts), _combined_df(self.t_tests(rotated).df))


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


def curvature_of_v(state: State, second: Derivatives) -> np.ndarray:
    """What the second derivatives of V add to the Hessian of -2 log L: tr(P V_rs) - y'P V_rs P y."""
    k = len(state.parts.inner)
    return state.along(second).gradient.reshape(k, k)
