"""Does a scale measure the same thing in the same way at every wave? Longitudinal measurement invariance.

One factor a wave, the residuals of the same item correlated over the waves (Joreskog 1979; Vandenberg and Lance 2000),
fitted by maximum likelihood to means and covariances of the people who answered every item at every wave:

- configural: the same items on the factor, everything else free;
- metric: the same loadings at every wave;
- scalar: the same loadings and intercepts, the factors' means free. Only then are mean scores comparable.

The factor of the first wave has mean 0 and variance 1. No library of the stack fits factor models with a mean
structure and equality constraints; this one is held against lavaan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules

Floats = NDArray[np.float64]

MODELS = ("configural", "metric", "scalar")
_ITERATIONS = 300
# Newton decrement of the log-likelihood, in units of the sample.
_CONVERGED = 1e-12


@dataclass(frozen=True)
class Fitted:
    """A model's fit to the data; ``delta`` figures are against the model before it, with fewer constraints."""

    model: str
    chi2: float
    df: int
    p_value: float
    cfi: float
    rmsea: float
    rmsea_ci_low: float
    rmsea_ci_high: float
    srmr: float
    delta_chi2: float | None = None
    delta_df: int | None = None
    delta_p: float | None = None
    delta_cfi: float | None = None
    delta_rmsea: float | None = None
    holds: bool | None = None


@dataclass(frozen=True)
class Invariance:
    """What was found, model by model; ``grade`` is 'evidence' or 'screening'. ``declined`` says why a model, or all,
    are not there."""

    n: int
    n_items: int
    grade: str | None
    few_steps: bool
    models: tuple[Fitted, ...]
    declined: str | None = None


def invariance(items: Floats) -> Invariance:
    """Fit the three models to people x waves x items (reversed items turned, NaN: no answer).

    Every item must have been asked at every wave. Stops at the first model that does not converge or is improper.
    """
    n_people, waves, k = items.shape
    complete = items.reshape(n_people, -1)
    complete = complete[~np.isnan(complete).any(axis=1)]
    n = len(complete)
    grade = None if rules.INVARIANCE_SCREENING.declines(n) else "screening"
    grade = grade if rules.INVARIANCE.declines(n) else "evidence"
    few_steps = bool(n) and len(np.unique(complete)) <= rules.FEW_STEPS

    def declined(reason: str, models: tuple[Fitted, ...] = ()) -> Invariance:
        return Invariance(n, k, grade, few_steps, models, reason)

    reason = rules.INVARIANCE_ITEMS.declines(k) or rules.INVARIANCE_SCREENING.declines(n)
    if reason:
        return declined(reason)
    if (np.ptp(complete, axis=0) == 0).any():
        return declined("an item was answered alike by everybody in a wave")
    mean, sd = complete.mean(axis=0), complete.std(axis=0)
    # One unit an item over all waves: a unit a wave would undo the equality that is tested.
    unit = np.tile(np.sqrt((sd.reshape(waves, k) ** 2).mean(axis=0)), waves)
    shift = np.tile(mean.reshape(waves, k).mean(axis=0), waves)
    standard = (complete - shift) / unit
    mean, covariance = standard.mean(axis=0), np.cov(standard.T, bias=True)
    if np.linalg.eigvalsh(covariance / np.outer(np.sqrt(np.diag(covariance)), np.sqrt(np.diag(covariance))))[0] < 1e-8:
        return declined("the answers determine one another")
    return _models(mean, covariance, n, waves, k, declined, Invariance(n, k, grade, few_steps, ()))


def _models(
    mean: Floats,
    covariance: Floats,
    n: int,
    waves: int,
    k: int,
    declined: Callable[[str, tuple[Fitted, ...]], Invariance],
    empty: Invariance,
) -> Invariance:
    found: list[Fitted] = []
    state: Floats | None = None
    for model in MODELS:
        spec = Spec(model, waves, k)
        start = spec.start(mean, covariance) if state is None else spec.inherit(state, Spec(found[-1].model, waves, k))
        state = maximise(spec, start, mean, covariance)
        if state is None:
            return declined(f"the {model} model did not converge", tuple(found))
        if spec.improper(state):
            return declined(f"the {model} model gives an item no error (a Heywood case)", tuple(found))
        fitted = _fit_measures(spec, state, mean, covariance, n)
        found.append(_against(fitted, found[-1]) if found else fitted)
    return Invariance(empty.n, empty.n_items, empty.grade, empty.few_steps, tuple(found))


@dataclass(frozen=True)
class Spec:
    """Which parameters a model has and where they stand in its state.

    Variables are ordered wave by wave, items within. State: loadings, intercepts, residual variances (waves x items),
    residual covariances of the same item (pairs of waves x items), factor variances of later waves (but for the
    configural model), factor covariances (pairs), factor means of later waves (scalar only).
    """

    model: str
    waves: int
    items: int

    @property
    def _parts(self) -> dict[str, int]:
        w, k = self.waves, self.items
        pairs = w * (w - 1) // 2
        return {
            "loadings": k if self.model != "configural" else w * k,
            "intercepts": k if self.model == "scalar" else w * k,
            "residuals": w * k,
            "residual_pairs": pairs * k,
            "variances": 0 if self.model == "configural" else w - 1,
            "pairs": pairs,
            "means": w - 1 if self.model == "scalar" else 0,
        }

    @property
    def size(self) -> int:
        return sum(self._parts.values())

    def part(self, state: Floats, name: str) -> Floats:
        """A view on one kind of parameter."""
        first = 0
        for other, length in self._parts.items():
            if other == name:
                return state[first : first + length]
            first += length
        raise KeyError(name)

    def _place(self, name: str) -> int:
        first = 0
        for other, length in self._parts.items():
            if other == name:
                return first
            first += length
        raise KeyError(name)

    @property
    def wave_pairs(self) -> list[tuple[int, int]]:
        return [(a, b) for a in range(self.waves) for b in range(a + 1, self.waves)]

    def loadings(self, state: Floats) -> Floats:
        """waves x items."""
        found = self.part(state, "loadings")
        return found.reshape(self.waves, self.items) if self.model == "configural" else np.tile(found, (self.waves, 1))

    def factors(self, state: Floats) -> tuple[Floats, Floats]:
        """Means and covariance of the factors."""
        variances = np.append(1.0, self.part(state, "variances")) if self.model != "configural" else np.ones(self.waves)
        covariance = np.diag(variances)
        for value, (a, b) in zip(self.part(state, "pairs"), self.wave_pairs, strict=True):
            covariance[a, b] = covariance[b, a] = value
        means = np.append(0.0, self.part(state, "means")) if self.model == "scalar" else np.zeros(self.waves)
        return means, covariance

    def implied(self, state: Floats) -> tuple[Floats, Floats]:
        """Means and covariance of the variables."""
        w, k = self.waves, self.items
        loading = self._matrix(self.loadings(state))
        means, covariance = self.factors(state)
        intercepts = self.part(state, "intercepts")
        if self.model == "scalar":
            intercepts = np.tile(intercepts, w)
        sigma = loading @ covariance @ loading.T + np.diag(self.part(state, "residuals"))
        of_pairs = self.part(state, "residual_pairs").reshape(-1, k)
        for values, (a, b) in zip(of_pairs, self.wave_pairs, strict=True):
            rows, columns = a * k + np.arange(k), b * k + np.arange(k)
            sigma[rows, columns] += values
            sigma[columns, rows] += values
        return intercepts + loading @ means, sigma

    def _matrix(self, loadings: Floats) -> Floats:
        found = np.zeros((self.waves * self.items, self.waves))
        for w in range(self.waves):
            found[w * self.items : (w + 1) * self.items, w] = loadings[w]
        return found

    def derivatives(self, state: Floats) -> tuple[Floats, Floats]:
        """Of the implied means (parameters x variables) and covariance (parameters x variables x variables)."""
        w, k = self.waves, self.items
        p = w * k
        mu, sigma = np.zeros((self.size, p)), np.zeros((self.size, p, p))
        loading = self._matrix(self.loadings(state))
        means, covariance = self.factors(state)
        projected = loading @ covariance
        first = self._place("loadings")
        for wave in range(w):
            for j in range(k):
                at, row = first + (wave * k + j if self.model == "configural" else j), wave * k + j
                mu[at, row] += means[wave]
                sigma[at, row] += projected[:, wave]
                sigma[at, :, row] += projected[:, wave]
        first = self._place("intercepts")
        for row in range(p):
            mu[first + (row % k if self.model == "scalar" else row), row] = 1.0
        first = self._place("residuals")
        for row in range(p):
            sigma[first + row, row, row] = 1.0
        first = self._place("residual_pairs")
        for number, (a, b) in enumerate(self.wave_pairs):
            for j in range(k):
                sigma[first + number * k + j, a * k + j, b * k + j] = 1.0
                sigma[first + number * k + j, b * k + j, a * k + j] = 1.0
        if self.model != "configural":
            for wave in range(1, w):
                sigma[self._place("variances") + wave - 1] = np.outer(loading[:, wave], loading[:, wave])
        first = self._place("pairs")
        for number, (a, b) in enumerate(self.wave_pairs):
            both = np.outer(loading[:, a], loading[:, b])
            sigma[first + number] = both + both.T
        if self.model == "scalar":
            for wave in range(1, w):
                mu[self._place("means") + wave - 1] = loading[:, wave]
        return mu, sigma

    def start(self, mean: Floats, covariance: Floats) -> Floats:
        """Where the configural model begins: half of each variance common, factors correlated as item sums are."""
        w, k = self.waves, self.items
        state = np.zeros(self.size)
        sd = np.sqrt(np.diag(covariance))
        r = covariance / np.outer(sd, sd)
        blocks = [r[a * k : (a + 1) * k, a * k : (a + 1) * k] for a in range(w)]
        common = [max(float((b.sum() - k) / (k * (k - 1))), 0.1) for b in blocks]
        signs = [np.sign(np.linalg.eigh(b)[1][:, -1]) for b in blocks]
        signs = [s * np.sign(s.sum() or 1.0) for s in signs]
        loadings = np.concatenate([math.sqrt(c) * s for c, s in zip(common, signs, strict=True)]) * sd
        self.part(state, "loadings")[:] = loadings
        self.part(state, "intercepts")[:] = mean
        self.part(state, "residuals")[:] = sd**2 * np.repeat([1 - c for c in common], k).clip(0.2)
        for number, (a, b) in enumerate(self.wave_pairs):
            cross = r[a * k : (a + 1) * k, b * k : (b + 1) * k]
            apart = float((cross.sum() - np.trace(cross)) / (k * (k - 1)))
            self.part(state, "pairs")[number] = np.clip(apart / math.sqrt(common[a] * common[b]), -0.8, 0.8)
        return state

    def inherit(self, state: Floats, before: Spec) -> Floats:
        """Where a model begins that constrains the one before it further."""
        found = np.zeros(self.size)
        for name in ("residuals", "residual_pairs"):
            self.part(found, name)[:] = before.part(state, name)
        loadings = before.loadings(state)
        _, covariance = before.factors(state)
        if before.model == "configural":
            # The first wave's units hold; later factors take the spread that their loadings had.
            scale = loadings.sum(axis=1) / loadings[0].sum()
            scale = np.where(np.abs(scale) > 0.1, scale, 1.0)
            self.part(found, "loadings")[:] = (loadings / scale[:, None]).mean(axis=0)
            self.part(found, "variances")[:] = scale[1:] ** 2
            covariance = covariance * np.outer(scale, scale)
        else:
            self.part(found, "loadings")[:] = loadings[0]
            self.part(found, "variances")[:] = before.part(state, "variances")
        self.part(found, "pairs")[:] = [covariance[a, b] for a, b in self.wave_pairs]
        intercepts = before.part(state, "intercepts").reshape(self.waves, self.items)
        if self.model == "scalar":
            own = self.part(found, "loadings")
            means = ((intercepts - intercepts[0]) @ own) / float(own @ own)
            self.part(found, "intercepts")[:] = (intercepts - means[:, None] * own).mean(axis=0)
            self.part(found, "means")[:] = means[1:]
        else:
            self.part(found, "intercepts")[:] = intercepts.ravel()
        return found

    def improper(self, state: Floats) -> bool:
        """Whether a residual variance is not positive, or the factors' covariance is not one."""
        _, covariance = self.factors(state)
        return bool((self.part(state, "residuals") <= 0).any() or np.linalg.eigvalsh(covariance)[0] <= 0)


def discrepancy(spec: Spec, state: Floats, mean: Floats, covariance: Floats) -> float:
    """-2 log-likelihood a person, but for constants; infinite where the implied covariance is not one."""
    mu, sigma = spec.implied(state)
    try:
        factor = np.linalg.cholesky(sigma)
    except np.linalg.LinAlgError:
        return math.inf
    lack = covariance + np.outer(mean - mu, mean - mu)
    return 2 * float(np.log(np.diag(factor)).sum()) + float(np.trace(np.linalg.solve(sigma, lack)))


def maximise(spec: Spec, state: Floats, mean: Floats, covariance: Floats) -> Floats | None:
    """Fisher scoring with the step halved until the likelihood rises; None where it does not converge."""
    value = discrepancy(spec, state, mean, covariance)
    if not math.isfinite(value):
        return None
    for _ in range(_ITERATIONS):
        mu, sigma = spec.implied(state)
        d_mu, d_sigma = spec.derivatives(state)
        inverse = np.linalg.inv(sigma)
        gap = mean - mu
        lack = inverse @ (covariance + np.outer(gap, gap) - sigma) @ inverse
        gradient = -np.einsum("kij,ij->k", d_sigma, lack) - 2 * d_mu @ inverse @ gap
        turned = inverse @ d_sigma
        flat = turned.reshape(len(state), -1)
        information = flat @ turned.transpose(0, 2, 1).reshape(len(state), -1).T + 2 * d_mu @ inverse @ d_mu.T
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return None
        if float(gradient @ step) < _CONVERGED:
            return state
        size = 1.0
        while (new := discrepancy(spec, state - size * step, mean, covariance)) > value + 1e-13:
            size /= 2
            if size < 1e-8:
                return None
        state, value = state - size * step, new
    return None


def _fit_measures(spec: Spec, state: Floats, mean: Floats, covariance: Floats, n: int) -> Fitted:
    """Chi-square against the saturated model, and the usual indices, as lavaan defines them."""
    from scipy.special import chdtrc

    p = len(mean)
    _, logdet = np.linalg.slogdet(covariance)
    chi2 = max(n * (discrepancy(spec, state, mean, covariance) - float(logdet) - p), 0.0)
    df = p * (p + 3) // 2 - spec.size
    alone = n * float(np.log(np.diag(covariance)).sum() - logdet)
    alone_df = p * (p - 1) // 2
    excess, of_alone = max(chi2 - df, 0.0), max(alone - alone_df, chi2 - df, 0.0)
    cfi = 1.0 if of_alone <= 0 else 1 - excess / of_alone
    low, high = _rmsea_interval(chi2, df, n)
    rmsea = math.sqrt(excess / (df * n)) if df else 0.0
    return Fitted(
        spec.model, chi2, df, float(chdtrc(df, chi2)), cfi, rmsea, low, high, _srmr(spec, state, mean, covariance)
    )


def _srmr(spec: Spec, state: Floats, mean: Floats, covariance: Floats) -> float:
    """Root mean square of the residual correlations and of the residual means in standard deviations (Bentler)."""
    mu, sigma = spec.implied(state)
    sd = np.sqrt(np.diag(covariance))
    residual = (covariance - sigma) / np.outer(sd, sd)
    lower = residual[np.tril_indices(len(mean))]
    return math.sqrt((float(lower @ lower) + float((((mean - mu) / sd) ** 2).sum())) / (len(lower) + len(mean)))


def _rmsea_interval(chi2: float, df: int, n: int) -> tuple[float, float]:
    """90 % interval (Browne and Cudeck 1993)."""
    from scipy.optimize import brentq
    from scipy.special import chndtr

    def limit(share: float) -> float:
        if chndtr(chi2, df, 0.0) < share:
            return 0.0
        top = max(chi2 * 4, df + 50.0)
        return math.sqrt(float(brentq(lambda nc: chndtr(chi2, df, nc) - share, 0.0, top)) / (df * n))

    return limit(0.95), limit(0.05)


def _against(fitted: Fitted, before: Fitted) -> Fitted:
    """The same with what the constraints cost, and whether they hold by the rule."""
    from scipy.special import chdtrc

    delta, df = fitted.chi2 - before.chi2, fitted.df - before.df
    delta_cfi, delta_rmsea = fitted.cfi - before.cfi, fitted.rmsea - before.rmsea
    return replace(
        fitted,
        delta_chi2=delta,
        delta_df=df,
        delta_p=float(chdtrc(df, max(delta, 0.0))),
        delta_cfi=delta_cfi,
        delta_rmsea=delta_rmsea,
        holds=rules.invariance_holds(delta_cfi, delta_rmsea),
    )
