"""The (restricted) log-likelihood with its exact gradient, information matrices and what the df methods need.

V of a person is linear in its parameters: V = sum of phi_r V_r, each V_r = e_r I + B E_r B'. Inverses and products of
such matrices are of the form a I + B C B' too, so that everything is a contraction of the panel's cross-products.
Formulae: Lindstrom & Bates (1988); Kenward & Roger (1997); with P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1,
d/dphi_r of -2 log L_R = tr(P V_r) - y'P V_r P y, and its second derivative - tr(P V_r P V_s) + 2 y'P V_r P V_s P y.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.moments import CrossProducts


@dataclass(frozen=True)
class Form:
    """a I + B C B' for every pattern: ``a`` a number, ``c`` (G, b, b)."""

    a: float
    c: np.ndarray

    def times(self, other: Form, gram: np.ndarray) -> Form:
        """The product of two such matrices."""
        return Form(self.a * other.a, self.a * other.c + other.a * self.c + self.c @ gram @ other.c)

    def traces(self, products: CrossProducts) -> np.ndarray:
        """(G,) the trace for one person of each pattern."""
        return self.a * products.sizes + np.einsum("gij,gji->g", self.c, products.gram)


@dataclass(frozen=True)
class State:
    """The likelihood at one value of the parameters. Everything is in the standardised variables."""

    products: CrossProducts
    inverse: Form
    logdet: np.ndarray
    parts: tuple[Form, ...]  # dV/dphi_r
    reml: bool

    @cached_property
    def _normal(self) -> np.ndarray:
        return self.products.contract(self.inverse.a, self.inverse.c)

    @property
    def p(self) -> int:
        return self.products.inner.shape[0] - 1

    @property
    def observations(self) -> int:
        return int((self.products.sizes * self.products.counts).sum())

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
        half = np.linalg.solve(self._factor, np.eye(self.p))
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
    def deviance(self) -> float:
        """-2 log-likelihood, restricted or not, with all constants."""
        n = self.observations
        value = float(self.products.counts @ self.logdet) + self.residual + n * np.log(2 * np.pi)
        if self.reml:
            value += 2 * float(np.log(np.diag(self._factor)).sum()) - self.p * np.log(2 * np.pi)
        return value

    @cached_property
    def _once(self) -> list[Form]:
        """V^-1 V_r V^-1."""
        gram = self.products.gram
        return [self.inverse.times(part, gram).times(self.inverse, gram) for part in self.parts]

    @cached_property
    def once(self) -> list[np.ndarray]:
        """(q, q) each: W'V^-1 V_r V^-1 W."""
        return [self.products.contract(f.a, f.c) for f in self._once]

    @cached_property
    def twice(self) -> list[list[np.ndarray]]:
        """(q, q) each: W'V^-1 V_r V^-1 V_s V^-1 W, made symmetric (r and s swapped is its transpose)."""
        gram = self.products.gram
        k = len(self.parts)
        found: list[list[np.ndarray]] = [[np.empty(0)] * k for _ in range(k)]
        for r in range(k):
            for s in range(r, k):
                form = self._once[r].times(self.parts[s], gram).times(self.inverse, gram)
                symmetric = Form(form.a, (form.c + form.c.transpose(0, 2, 1)) / 2)
                found[r][s] = found[s][r] = self.products.contract(symmetric.a, symmetric.c)
        return found

    @cached_property
    def traces(self) -> tuple[np.ndarray, np.ndarray]:
        """tr(V^-1 V_r) and tr(V^-1 V_r V^-1 V_s), summed over people."""
        gram, counts = self.products.gram, self.products.counts
        half = [self.inverse.times(part, gram) for part in self.parts]
        k = len(half)
        single = np.array([counts @ h.traces(self.products) for h in half])
        double = np.empty((k, k))
        for r in range(k):
            for s in range(r, k):
                double[r, s] = double[s, r] = counts @ half[r].times(half[s], gram).traces(self.products)
        return single, double

    @cached_property
    def gradient(self) -> np.ndarray:
        """d(-2 log L)/d phi."""
        single, _ = self.traces
        c = self._contrast
        fit = np.array([c @ m @ c for m in self.once])
        value = single - fit
        if self.reml:
            value = value - np.array([np.sum(self.phi * m[:-1, :-1]) for m in self.once])
        return value

    @cached_property
    def _expected_and_quadratic(self) -> tuple[np.ndarray, np.ndarray]:
        """tr(P V_r P V_s) (tr(V^-1 V_r V^-1 V_s) for ML), and y'P V_r P V_s P y."""
        _, double = self.traces
        k, c = len(self.parts), self._contrast
        scored = [(m @ c)[:-1] for m in self.once]
        expected, quadratic = double.copy(), np.empty((k, k))
        for r in range(k):
            for s in range(r, k):
                quadratic[r, s] = quadratic[s, r] = c @ self.twice[r][s] @ c - scored[r] @ self.phi @ scored[s]
                if self.reml:
                    ar, as_ = self.once[r][:-1, :-1], self.once[s][:-1, :-1]
                    both = np.sum((self.phi @ ar) * (self.phi @ as_).T)
                    value = double[r, s] - 2 * np.sum(self.phi * self.twice[r][s][:-1, :-1]) + both
                    expected[r, s] = expected[s, r] = value
        return expected, quadratic

    @property
    def hessian(self) -> np.ndarray:
        """Second derivatives of -2 log L where V is linear in phi."""
        expected, quadratic = self._expected_and_quadratic
        return 2 * quadratic - expected

    @property
    def information(self) -> np.ndarray:
        """Expected information of phi for log L: half of tr(P V_r P V_s)."""
        return self._expected_and_quadratic[0] / 2
