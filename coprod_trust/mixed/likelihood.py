"""The (restricted) log-likelihood with its exact gradient, information matrices and what the df methods need.

With B the rows of the random effects of a person (or of the waves that the person has), the covariance of the answers,
its derivatives and its inverse are all of one form: V = e I + B S B', V_r = e_r I + B E_r B', V^-1 = a I + B C B', so
that V^-1 B = B K with K = a I + C B'B. Everything is then a contraction of the panel's cross-products, for all
parameters at once.
Formulae: Lindstrom & Bates (1988); Kenward & Roger (1997); with P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1,
d/dphi_r of -2 log L_R = tr(P V_r) - y'P V_r P y, and its second derivative, where V is linear in phi,
- tr(P V_r P V_s) + 2 y'P V_r P V_s P y.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.moments import CrossProducts


@dataclass(frozen=True)
class Derivatives:
    """dV/dphi_r = ``identity[r]`` I + B ``inner[r]`` B'; (k,) and (k, b, b), the latter symmetric."""

    identity: np.ndarray
    inner: np.ndarray

    @cached_property
    def flat(self) -> np.ndarray:
        """(k, b * b)"""
        return self.inner.reshape(len(self.inner), -1)

    @property
    def of_patterns(self) -> np.ndarray:
        """(k, 1 or G, b, b)"""
        return self.inner[:, None]

    def trace(self, t: np.ndarray) -> np.ndarray:
        """(k,) sum over patterns of tr(E_r T), for symmetric T (G, b, b)."""
        return self.flat @ t.sum(0).ravel()

    def pairs(self, m: np.ndarray, t: np.ndarray) -> np.ndarray:
        """(k, k) sum over patterns of tr(E_r M E_s T), for symmetric M and T (G, b, b)."""
        b = t.shape[1]
        crossed = (m.reshape(-1, b * b).T @ t.reshape(-1, b * b)).reshape(b, b, b, b)
        return self.flat @ crossed.transpose(3, 0, 1, 2).reshape(b * b, b * b) @ self.flat.T

    def weighted(self, weights: np.ndarray, m: np.ndarray) -> np.ndarray:
        """(G, b, b) sum over r, s of weights[r, s] E_r M E_s, without going through the pairs."""
        b = m.shape[1]
        paired = (self.flat.T @ weights @ self.flat).reshape(b, b, b, b).transpose(1, 2, 0, 3).reshape(b * b, b * b)
        return (m.reshape(-1, b * b) @ paired).reshape(-1, b, b)


@dataclass(frozen=True)
class OwnDerivatives(Derivatives):
    """The same where every pattern has its own: ``inner`` (k, G, b, b), and nothing on the identity."""

    @property
    def of_patterns(self) -> np.ndarray:
        return self.inner

    def trace(self, t: np.ndarray) -> np.ndarray:
        return self.flat @ t.ravel()

    def pairs(self, m: np.ndarray, t: np.ndarray) -> np.ndarray:
        left, right = self.inner @ m, (self.inner @ t).transpose(0, 1, 3, 2)
        return left.reshape(len(left), -1) @ right.reshape(len(right), -1).T

    def weighted(self, weights: np.ndarray, m: np.ndarray) -> np.ndarray:
        mixed = (weights @ self.flat).reshape(self.inner.shape)
        return np.asarray((self.inner @ m @ mixed).sum(0))


@dataclass(frozen=True)
class State:
    """The likelihood at one value of the parameters. Everything is in the standardised variables.

    V^-1 of a person of pattern g is ``a`` I + B ``c[g]`` B'; ``logdet`` (G,) is log|V|.
    """

    products: CrossProducts
    a: float
    c: np.ndarray
    logdet: np.ndarray
    parts: Derivatives
    reml: bool

    @cached_property
    def _normal(self) -> np.ndarray:
        return self.products.contract(self.a, self.c)

    @property
    def p(self) -> int:
        return self.products.inner.shape[0] - 1

    @property
    def observations(self) -> int:
        return self.products.observations

    @cached_property
    def _factor(self) -> np.ndarray:
        try:
            return np.linalg.cholesky(self._normal[:-1, :-1])
        except np.linalg.LinAlgError:
            raise NotIdentified(
                "the columns of the model are collinear", "leave out a covariate that others determine"
            ) from None

    @cached_property
    def phi(self) -> np.ndarray:
        """(p, p) covariance of beta, (X'V^-1 X)^-1."""
        half = np.linalg.inv(self._factor)
        return half.T @ half

    @cached_property
    def beta(self) -> np.ndarray:
        return self.phi @ self._normal[:-1, -1]

    @cached_property
    def _contrast(self) -> np.ndarray:
        return np.append(-self.beta, 1.0)

    @cached_property
    def residual(self) -> float:
        """(y - X beta)' V^-1 (y - X beta)."""
        return float(self._contrast @ self._normal @ self._contrast)

    @cached_property
    def _log_determinants(self) -> float:
        """log|V| over all people, and log|X'V^-1 X| where restricted."""
        value = float(self.products.counts @ self.logdet)
        return value + 2 * float(np.log(np.diag(self._factor)).sum()) if self.reml else value

    @property
    def dof(self) -> int:
        """What a variance is divided by: observations, less the coefficients where restricted."""
        return self.observations - (self.p if self.reml else 0)

    @cached_property
    def deviance(self) -> float:
        """-2 log-likelihood, restricted or not, with all constants."""
        return self._log_determinants + self.residual + self.dof * float(np.log(2 * np.pi))

    def profiled(self) -> tuple[float, float]:
        """The factor on V that fits best, and the deviance with it. Raises NotIdentified on a perfect fit."""
        factor = self.residual / self.dof
        if not factor > 1e-14:
            raise NotIdentified("the model fits every answer exactly", "there is no variation left to test against")
        return factor, self._log_determinants + self.dof * float(1 + np.log(2 * np.pi * factor))

    @cached_property
    def _k(self) -> np.ndarray:
        """(G, b, b) K of V^-1 B = B K."""
        found = self.c @ self.products.gram
        if self.a:
            found += self.a * np.eye(found.shape[1])
        return found

    @cached_property
    def _m(self) -> np.ndarray:
        """(G, b, b) B'V^-1 B."""
        found = self.products.gram @ self._k
        return (found + found.transpose(0, 2, 1)) / 2

    @cached_property
    def _powers(self) -> list[tuple[float, np.ndarray]]:
        """V^-2 and V^-3 in the form a I + B C B'."""
        twice = self.a * self.c + self._k @ self.c
        return [(self.a**2, twice), (self.a**3, self.a**2 * self.c + self._k @ twice)]

    @cached_property
    def once(self) -> np.ndarray:
        """(k, q, q): W'V^-1 V_r V^-1 W."""
        k, q = len(self.parts.inner), self.p + 1
        forms = self._k @ self.parts.of_patterns @ self._k.transpose(0, 2, 1)
        found = (forms.reshape(k, -1) @ self.products.flat).reshape(k, q, q)
        if self.parts.identity.any():
            found += self.parts.identity[:, None, None] * self.products.contract(*self._powers[0])
        return (found + found.transpose(0, 2, 1)) / 2

    @cached_property
    def traces(self) -> tuple[np.ndarray, np.ndarray]:
        """(k,) tr(V^-1 V_r) and (k, k) tr(V^-1 V_r V^-1 V_s), summed over people."""
        counts, gram, e = self.products.counts, self.products.gram, self.parts.identity
        counted = counts[:, None, None] * self._m
        single = self.parts.trace(counted)
        double = self.parts.pairs(self._m, counted)
        if e.any():
            sizes = float(counts @ self.products.sizes)
            ones = [a * sizes + float(np.einsum("g,gij,gji->", counts, c, gram)) for a, c in self._both]
            single = single + e * ones[0]
            cross = self.parts.flat @ np.einsum("g,gij,gjk->ik", counts, self._m, self._k).ravel()
            double = double + np.outer(e, e) * ones[1] + np.outer(e, cross) + np.outer(cross, e)
        return single, double

    @property
    def _both(self) -> list[tuple[float, np.ndarray]]:
        return [(self.a, self.c), self._powers[0]]

    @cached_property
    def gradient(self) -> np.ndarray:
        """(k,) d(-2 log L)/d phi."""
        single, _ = self.traces
        c = self._contrast
        value = single - self.once @ c @ c
        if self.reml:
            value = value - np.tensordot(self.once[:, :-1, :-1], self.phi, 2)
        return value

    def _within(self, matrix: np.ndarray) -> np.ndarray:
        """(k, k) <matrix, W'V^-1 V_r V^-1 V_s V^-1 W> for a symmetric ``matrix`` (q, q)."""
        b = self._k.shape[1]
        inner = (self.products.flat @ matrix.ravel()).reshape(-1, b, b)
        turned = self._k.transpose(0, 2, 1) @ inner @ self._k
        found = self.parts.pairs(self._m, (turned + turned.transpose(0, 2, 1)) / 2)
        e = self.parts.identity
        if e.any():
            cross = self.parts.flat @ np.einsum("gij,gjk->ik", turned, self._k).ravel()
            third = float(np.sum(matrix * self.products.contract(*self._powers[1])))
            found = found + np.outer(e, e) * third + np.outer(e, cross) + np.outer(cross, e)
        return found

    @cached_property
    def _expected_and_quadratic(self) -> tuple[np.ndarray, np.ndarray]:
        """tr(P V_r P V_s) (tr(V^-1 V_r V^-1 V_s) for ML), and y'P V_r P V_s P y; both (k, k)."""
        _, expected = self.traces
        c = self._contrast
        scored = (self.once @ c)[:, :-1]
        quadratic = self._within(np.outer(c, c)) - scored @ self.phi @ scored.T
        if self.reml:
            padded = np.zeros((self.p + 1, self.p + 1))
            padded[:-1, :-1] = self.phi
            k = len(scored)
            by_phi = self.phi @ self.once[:, :-1, :-1]
            both = by_phi.reshape(k, -1) @ by_phi.transpose(0, 2, 1).reshape(k, -1).T
            expected = expected - 2 * self._within(padded) + both
        return (expected + expected.T) / 2, (quadratic + quadratic.T) / 2

    @property
    def hessian(self) -> np.ndarray:
        """(k, k) second derivatives of -2 log L where V is linear in phi."""
        expected, quadratic = self._expected_and_quadratic
        return 2 * quadratic - expected

    @property
    def information(self) -> np.ndarray:
        """(k, k) expected information of phi for log L: half of tr(P V_r P V_s)."""
        return self._expected_and_quadratic[0] / 2

    def twice(self, weights: np.ndarray) -> np.ndarray:
        """(q, q) sum over r, s of weights[r, s] W'V^-1 V_r V^-1 V_s V^-1 W, for symmetric ``weights`` (k, k)."""
        b = self._k.shape[1]
        e, flat = self.parts.identity, self.parts.flat
        middle = self.parts.weighted(weights, self._m)
        if e.any():
            single = (weights @ e @ flat).reshape(b, b)
            middle = middle + self._k @ single + single @ self._k.transpose(0, 2, 1)
        total = self.products.contract(0.0, self._k @ middle @ self._k.transpose(0, 2, 1))
        if e.any():
            total = total + float(e @ weights @ e) * self.products.contract(*self._powers[1])
        return total

    def scaled(self, factor: float) -> State:
        """The state with ``factor`` times V."""
        logdet = self.logdet + self.products.sizes * np.log(factor)
        return replace(self, a=self.a / factor, c=self.c / factor, logdet=logdet)

    def along(self, parts: Derivatives) -> State:
        """The same state with other directions in which V is differentiated."""
        return replace(self, parts=parts)
