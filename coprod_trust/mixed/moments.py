"""What the likelihood needs of the data, per pattern of attendance: cross-products of [X, y] and of Z'[X, y]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from coprod_trust.mixed.design import Design
from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.panel import Panel


@dataclass(frozen=True)
class Attendance:
    """People who are in the model, by the waves they have: ``waves`` (G, W) 0/1, ``counts`` (G,), ``moments``
    (G, d, d); ``visits`` (G, W) where every person is a pattern because of times of their own."""

    waves: np.ndarray
    counts: np.ndarray
    moments: np.ndarray
    visits: np.ndarray | None = None

    @property
    def people(self) -> int:
        return int(self.counts.sum())

    @property
    def observations(self) -> int:
        return int((self.waves.sum(1) * self.counts).sum())


@dataclass(frozen=True)
class CrossProducts:
    """With B = Z where there are random effects, and the identity over waves otherwise (b columns):

    ``gram`` (G, b, b): B'B of a pattern; ``sizes`` (G,): observations a person; ``counts`` (G,): people;
    ``inner`` (q, q): sum of W'W over people, W = [X, y], q = p + 1; ``outer`` (G, b, b, q, q): sum over people of
    (B'W)(B'W)'.
    """

    gram: np.ndarray
    sizes: np.ndarray
    counts: np.ndarray
    inner: np.ndarray
    outer: np.ndarray

    @cached_property
    def observations(self) -> int:
        """Rows of all people together."""
        return int(self.sizes @ self.counts)

    @cached_property
    def flat(self) -> np.ndarray:
        """``outer`` as (G * b * b, q * q)."""
        return self.outer.reshape(-1, self.inner.size)

    def contract(self, a: float, c: np.ndarray) -> np.ndarray:
        """Sum over people of W'(a I + B C B')W; ``c`` (G, b, b)."""
        total = (c.ravel() @ self.flat).reshape(self.inner.shape)
        if a:
            total += a * self.inner
        return (total + total.T) / 2


def attendance(panel: Panel, design: Design, own_times: bool = False) -> Attendance:
    """Which waves of which people the model uses: outcome and the covariates in the formula present. ``own_times``:
    each person stays apart, with the times of the visits.

    Raises NotIdentified where nobody or one wave is left, or a wave is empty.
    """
    n_waves = len(panel.waves)
    has = np.zeros((len(panel.masks), n_waves), dtype=int)
    for w in range(n_waves):
        bits = 1 << panel.outcome_index(w)
        for name in design.varying:
            bits |= 1 << panel.varying_index(name, w)
        has[:, w] = panel.masks & bits == bits
    has[panel.masks & design.needed != design.needed] = 0
    used = np.flatnonzero(has.any(axis=1))
    if not len(used):
        raise NotIdentified("nobody has the outcome and every covariate of the model", "leave covariates out")
    waves, counts, moments = has[used], panel.counts[used], panel.moments[used]
    empty = [panel.waves[w] for w in range(n_waves) if not waves[:, w].any()]
    if empty:
        raise NotIdentified(f"nobody answered in {', '.join(empty)}", "leave that wave out of the panel")
    if own_times and panel.visits is not None:
        return Attendance(waves, counts, moments, panel.visits[used])
    patterns, group = np.unique(waves, axis=0, return_inverse=True)
    if len(patterns) == len(waves):
        order = np.argsort(group.ravel())
        return Attendance(patterns, counts[order], moments[order])
    merged = np.zeros((len(patterns), *moments.shape[1:]))
    np.add.at(merged, group.ravel(), moments)
    return Attendance(patterns, np.bincount(group.ravel(), weights=counts).astype(counts.dtype), merged)


def cross_products(attended: Attendance, design: Design, basis: np.ndarray | None) -> CrossProducts:
    """Cross-products for random effects ``basis`` (W, b; of each person G, W, b), or for a covariance over waves where
    it is None."""
    n_waves = attended.waves.shape[1]
    inner = np.zeros((design.selectors.shape[1],) * 2)
    for w in range(n_waves):
        at_wave = np.tensordot(attended.waves[:, w].astype(float), attended.moments, axes=1)
        inner += design.selectors[w] @ at_wave @ design.selectors[w].T
    if basis is None:
        basis = np.eye(n_waves)
    b = basis.shape[-1]
    if basis.ndim == 2:
        gram = np.einsum("gw,wi,wj->gij", attended.waves, basis, basis)
        projected = np.einsum("gw,wi,wqd->giqd", attended.waves, basis, design.selectors)
    else:
        gram = np.einsum("gw,gwi,gwj->gij", attended.waves, basis, basis)
        projected = np.einsum("gw,gwi,wqd->giqd", attended.waves, basis, design.selectors, optimize=True)
    q = inner.shape[0]
    outer = np.empty((len(attended.counts), b, b, q, q))
    for i in range(b):
        left = projected[:, i] @ attended.moments
        for j in range(b):
            outer[:, i, j] = left @ projected[:, j].transpose(0, 2, 1)
    found = CrossProducts(gram, attended.waves.sum(1), attended.counts, inner, outer)
    return _merged(found) if b == 1 else found


def _merged(products: CrossProducts) -> CrossProducts:
    """Patterns of the same size are one pattern to a random intercept."""
    sizes, group = np.unique(products.sizes, return_inverse=True)
    member = (group[None, :] == np.arange(len(sizes))[:, None]).astype(float)
    first = np.array([np.flatnonzero(group == k)[0] for k in range(len(sizes))])
    q = products.inner.shape[0]
    outer = (member @ products.outer.reshape(len(group), q * q)).reshape(len(sizes), 1, 1, q, q)
    return CrossProducts(products.gram[first], sizes, (member @ products.counts).astype(int), products.inner, outer)
