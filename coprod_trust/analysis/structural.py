"""Models of means and covariances, fitted by maximum likelihood to everything that people answered.

People with the same gaps are one part of a sample; the likelihood is the normal one of what each part has (full
information maximum likelihood, Anderson 1957; Arbuckle 1996). It needs gaps to depend on what was answered only
(missing at random), where leaving out everybody with a gap needs them to depend on nothing. Without gaps it is the
usual likelihood of means and covariances. No library of the stack fits such models; these are held against lavaan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ITERATIONS = 300
# Newton decrement of the log-likelihood, in units of the sample.
_CONVERGED = 1e-11
_NEAR = 1e-4
# Largest move of a moment at which they have settled; variables are of the size of 1.
_SETTLED = 1e-9


class Model(Protocol):
    """Means and covariance of some variables as functions of a state (its parameters)."""

    @property
    def size(self) -> int: ...

    def implied(self, state: Floats) -> tuple[Floats, Floats]:
        """Means and covariance of the variables."""
        ...

    def derivatives(self, state: Floats) -> tuple[Floats, Floats]:
        """Of the means (parameters x variables) and the covariance (parameters x variables x variables)."""
        ...


@dataclass(frozen=True)
class Part:
    """People with the same gaps: the variables that they have, how many people, their means and covariance (over n)."""

    present: NDArray[np.intp]
    n: int
    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class Sample:
    """People who answered anything, by their gaps."""

    parts: tuple[Part, ...]
    variables: int

    @property
    def n(self) -> int:
        return sum(p.n for p in self.parts)

    @property
    def complete(self) -> bool:
        return len(self.parts) == 1 and len(self.parts[0].present) == self.variables


def sample(values: Floats) -> Sample:
    """From people x variables, NaN where there is no answer; who answered nothing is left out."""
    there = ~np.isnan(values)
    patterns, group = np.unique(there, axis=0, return_inverse=True)
    parts = []
    for g, pattern in enumerate(patterns):
        present = np.flatnonzero(pattern)
        if len(present):
            rows = values[group.ravel() == g][:, present]
            mean = rows.mean(axis=0)
            parts.append(Part(present, len(rows), mean, (rows - mean).T @ (rows - mean) / len(rows)))
    return Sample(tuple(parts), values.shape[1])


def discrepancy(model: Model, state: Floats, data: Sample) -> float:
    """-2 log-likelihood a person, but for constants; infinite where the implied covariance is not one."""
    return _misfit(*model.implied(state), data)


def _misfit(mu: Floats, sigma: Floats, data: Sample) -> float:
    total = 0.0
    for part in data.parts:
        own, gap = sigma[np.ix_(part.present, part.present)], part.mean - mu[part.present]
        try:
            factor = np.linalg.cholesky(own)
        except np.linalg.LinAlgError:
            return math.inf
        lack = part.covariance + np.outer(gap, gap)
        total += part.n * (2 * float(np.log(np.diag(factor)).sum()) + float(np.trace(np.linalg.solve(own, lack))))
    return total / data.n


def _slopes(model: Model, state: Floats, data: Sample) -> tuple[Floats, Floats]:
    """Gradient of the discrepancy, and its expected second derivatives."""
    mu, sigma = model.implied(state)
    d_mu, d_sigma = model.derivatives(state)
    gradient, information = np.zeros(len(state)), np.zeros((len(state), len(state)))
    for part in data.parts:
        o = part.present
        whole = len(o) == data.variables
        own_mu, own_sigma = (d_mu, d_sigma) if whole else (d_mu[:, o], d_sigma[:, o[:, None], o])
        inverse = np.linalg.inv(sigma if whole else sigma[np.ix_(o, o)])
        gap = part.mean - mu[o]
        lack = inverse @ (part.covariance + np.outer(gap, gap)) @ inverse - inverse
        share = part.n / data.n
        gradient -= share * (own_sigma.reshape(len(state), -1) @ lack.ravel() + 2 * own_mu @ (inverse @ gap))
        turned = inverse @ own_sigma
        flat, across = turned.reshape(len(state), -1), turned.transpose(0, 2, 1).reshape(len(state), -1)
        information += share * (flat @ across.T + 2 * own_mu @ inverse @ own_mu.T)
    return gradient, information


def fit(model: Model, state: Floats, data: Sample, free: Moments) -> Floats | None:
    """The state that fits best, sought from ``state``; None where there is none."""
    if not data.complete:
        near = maximise(model, state, free.as_complete(data.n), _NEAR)
        state = state if near is None else near
    return maximise(model, state, data)


def maximise(model: Model, state: Floats, data: Sample, converged: float = _CONVERGED) -> Floats | None:
    """Fisher scoring with the step halved until the likelihood rises; None where it does not converge."""
    value = discrepancy(model, state, data)
    if not math.isfinite(value):
        return None
    for _ in range(_ITERATIONS):
        try:
            gradient, information = _slopes(model, state, data)
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return None
        if float(gradient @ step) < converged:
            return state
        size = 1.0
        while (new := discrepancy(model, state - size * step, data)) > value + 1e-13:
            size /= 2
            if size < 1e-8:
                return None
        state, value = state - size * step, new
    return None


def covariance_of(model: Model, state: Floats, data: Sample) -> Floats | None:
    """Covariance of the parameters by the observed information, which gaps need; None where it is not positive.

    The information is the central difference of the exact gradient.
    """
    k = len(state)
    steps = 1e-5 * np.maximum(np.abs(state), 0.1)
    second = np.empty((k, k))
    for j in range(k):
        move = np.zeros(k)
        move[j] = steps[j]
        second[j] = (_slopes(model, state + move, data)[0] - _slopes(model, state - move, data)[0]) / (2 * steps[j])
    second = (second + second.T) / 2
    if np.linalg.eigvalsh(second)[0] <= 0:
        return None
    return np.asarray(2 / data.n * np.linalg.inv(second))


@dataclass(frozen=True)
class Moments:
    """The means and covariance that fit best with nothing held, their discrepancy, and that of a model in which the
    variables have nothing to do with one another."""

    mean: Floats
    covariance: Floats
    discrepancy: float
    alone: float

    def as_complete(self, n: int) -> Sample:
        """People without gaps who have just these moments: where a search begins, at a fraction of the cost."""
        return Sample((Part(np.arange(len(self.mean)), n, self.mean, self.covariance),), len(self.mean))


def moments(data: Sample) -> Moments | None:
    """Maximum likelihood moments; None where they cannot be had."""
    counts, mean, variance = _each_alone(data)
    if (variance <= 0).any():
        return None
    alone = float(counts @ (np.log(variance) + 1)) / data.n
    if data.complete:
        part = data.parts[0]
        if np.linalg.slogdet(part.covariance)[0] <= 0:
            return None
        return Moments(part.mean, part.covariance, _misfit(part.mean, part.covariance, data), alone)
    try:
        found = _expected(mean, np.diag(variance), data)
    except np.linalg.LinAlgError:
        return None
    return found and Moments(*found, _misfit(*found, data), alone)


def _expected(mu: Floats, sigma: Floats, data: Sample) -> tuple[Floats, Floats] | None:
    """Moments by expectation and maximisation, three steps of which are taken as one long one where that does not raise
    the discrepancy (SQUAREM: Varadhan and Roland 2008); None where they do not settle."""
    at = np.append(mu, sigma)
    value = _misfit(mu, sigma, data)
    for _ in range(_ITERATIONS):
        once = _em(at, data)
        twice = _em(once, data)
        first, bend = once - at, twice - 2 * once + at
        if float(np.abs(first).max()) < _SETTLED:
            return _apart(twice, data)
        length = -float(np.linalg.norm(first)) / max(float(np.linalg.norm(bend)), 1e-300)
        far = at - 2 * length * first + length**2 * bend
        try:
            ahead = _em(far, data)
            new = _misfit(*_apart(ahead, data), data)
        except np.linalg.LinAlgError:
            new = math.inf
        if not new <= value:
            ahead = twice
            new = _misfit(*_apart(ahead, data), data)
        at, value = ahead, new
    return None


def _apart(moments: Floats, data: Sample) -> tuple[Floats, Floats]:
    p = data.variables
    return moments[:p], moments[p:].reshape(p, p)


def _each_alone(data: Sample) -> tuple[Floats, Floats, Floats]:
    """People, mean and variance of each variable, of those who have it."""
    counts, first, second = np.zeros((3, data.variables))
    for part in data.parts:
        o = part.present
        counts[o] += part.n
        first[o] += part.n * part.mean
    mean = first / np.maximum(counts, 1)
    for part in data.parts:
        o = part.present
        second[o] += part.n * (np.diag(part.covariance) + (part.mean - mean[o]) ** 2)
    return counts, mean, second / np.maximum(counts, 1)


def _em(moments: Floats, data: Sample) -> Floats:
    """Means and covariance, one after the other, after one step (Dempster, Laird and Rubin 1977)."""
    p = data.variables
    mu, sigma = _apart(moments, data)
    first, second = np.zeros(p), np.zeros((p, p))
    for part in data.parts:
        o = part.present
        m = np.setdiff1d(np.arange(p), o)
        mean, spread = np.empty(p), np.zeros((p, p))
        slope = np.linalg.solve(sigma[np.ix_(o, o)], sigma[np.ix_(o, m)]).T
        mean[o] = part.mean
        mean[m] = mu[m] + slope @ (part.mean - mu[o])
        spread[np.ix_(o, o)] = part.covariance
        spread[np.ix_(m, o)] = slope @ part.covariance
        spread[np.ix_(o, m)] = spread[np.ix_(m, o)].T
        spread[np.ix_(m, m)] = slope @ part.covariance @ slope.T + sigma[np.ix_(m, m)] - slope @ sigma[np.ix_(o, m)]
        first += part.n * mean
        second += part.n * (spread + np.outer(mean, mean))
    first /= data.n
    return np.append(first, second / data.n - np.outer(first, first))


@dataclass(frozen=True)
class Indices:
    """How a model fits, by the usual indices as lavaan defines them."""

    chi2: float
    df: int
    p_value: float
    cfi: float
    rmsea: float
    rmsea_ci_low: float
    rmsea_ci_high: float
    srmr: float


def indices(model: Model, state: Floats, data: Sample, free: Moments) -> Indices:
    """Chi-square against the saturated model, CFI, RMSEA with its 90 % interval, SRMR."""
    from scipy.special import chdtrc

    p, n = data.variables, data.n
    chi2 = max(n * (discrepancy(model, state, data) - free.discrepancy), 0.0)
    df = p * (p + 3) // 2 - model.size
    alone, alone_df = n * (free.alone - free.discrepancy), p * (p - 1) // 2
    excess, of_alone = max(chi2 - df, 0.0), max(alone - alone_df, chi2 - df, 0.0)
    cfi = 1.0 if of_alone <= 0 else 1 - excess / of_alone
    rmsea = math.sqrt(excess / (df * n)) if df else 0.0
    low, high = _rmsea_interval(chi2, df, n)
    return Indices(chi2, df, float(chdtrc(df, chi2)), cfi, rmsea, low, high, _srmr(*model.implied(state), free))


def _srmr(mu: Floats, sigma: Floats, free: Moments) -> float:
    """Root mean square of the residual correlations and of the residual means in standard deviations (Bentler)."""
    sd = np.sqrt(np.diag(free.covariance))
    residual = (free.covariance - sigma) / np.outer(sd, sd)
    lower = residual[np.tril_indices(len(sd))]
    return math.sqrt((float(lower @ lower) + float((((free.mean - mu) / sd) ** 2).sum())) / (len(lower) + len(sd)))


def _rmsea_interval(chi2: float, df: int, n: int) -> tuple[float, float]:
    """90 % interval (Browne and Cudeck 1993)."""
    from scipy.optimize import brentq
    from scipy.special import chndtr

    def limit(share: float) -> float:
        if not df or chndtr(chi2, df, 0.0) < share:
            return 0.0
        top = max(chi2 * 4, df + 50.0)
        return math.sqrt(float(brentq(lambda nc: chndtr(chi2, df, nc) - share, 0.0, top)) / (df * n))

    return limit(0.95), limit(0.05)
