"""Does a scale measure the same thing in the same way at every wave? Longitudinal measurement invariance.

One factor a wave, the residuals of the same item correlated over the waves (Joreskog 1979; Vandenberg and Lance 2000),
fitted by maximum likelihood to everything that people answered (``analysis/structural.py``):

- configural: the same items on the factor, everything else free;
- metric: the same loadings at every wave;
- scalar: the same loadings and intercepts, the factors' means free. Only then are mean scores comparable.

The factor of the first wave has mean 0 and variance 1.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules, structural

Floats = NDArray[np.float64]

MODELS = ("configural", "metric", "scalar")
# With more patterns of gaps (many people), those who answered everything are as good, and thousands of times quicker.
MOST_PATTERNS = 300


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

    Every item must have been asked at every wave. In it is whoever answered anything, but where there are more than
    300 patterns of gaps whoever answered everything. Stops at the first model that does not converge or is improper.
    """
    n_people, waves, k = items.shape
    flat = items.reshape(n_people, -1)
    flat = flat[~np.isnan(flat).all(axis=1)]
    there = ~np.isnan(flat)
    if len(np.unique(there, axis=0)) > MOST_PATTERNS:
        flat, there = flat[there.all(axis=1)], there[there.all(axis=1)]
    n, complete = len(flat), int(there.all(axis=1).sum())
    grade = None if rules.INVARIANCE_SCREENING.declines(n) else "screening"
    grade = grade if rules.INVARIANCE.declines(n) else "evidence"
    few_steps = bool(n) and len(np.unique(flat[there])) <= rules.FEW_STEPS
    empty = Invariance(n, k, grade, few_steps, ())
    reason = rules.INVARIANCE_ITEMS.declines(k) or rules.INVARIANCE_SCREENING.declines(n)
    if reason is None and complete <= flat.shape[1]:
        reason = f"{complete} answered all {flat.shape[1]} items of the waves; more people than items are needed"
    if reason:
        return replace(empty, declined=reason)
    # One unit an item over all waves: a unit a wave would undo the equality that is tested.
    by_wave = flat.reshape(n, waves, k)
    spread = np.sqrt(np.nanmean(np.nanvar(by_wave, axis=0), axis=0))
    if (np.nanmax(flat, axis=0) == np.nanmin(flat, axis=0)).any():
        return replace(empty, declined="an item was answered alike by everybody in a wave")
    data = structural.sample((flat - np.tile(np.nanmean(by_wave, axis=(0, 1)), waves)) / np.tile(spread, waves))
    free = structural.moments(data)
    if free is None or _singular(free.covariance):
        return replace(empty, declined="the answers determine one another")
    return _models(data, free, waves, empty)


def _singular(covariance: Floats) -> bool:
    sd = np.sqrt(np.diag(covariance))
    return bool(np.linalg.eigvalsh(covariance / np.outer(sd, sd))[0] < 1e-8)


def _models(data: structural.Sample, free: structural.Moments, waves: int, empty: Invariance) -> Invariance:
    found: list[Fitted] = []
    state: Floats | None = None
    k = empty.n_items
    for model in MODELS:
        spec = Spec(model, waves, k)
        start = (
            spec.start(free.mean, free.covariance)
            if state is None
            else spec.inherit(state, Spec(found[-1].model, waves, k))
        )
        state = structural.fit(spec, start, data, free)
        if state is None:
            return replace(empty, models=tuple(found), declined=f"the {model} model did not converge")
        if spec.improper(state):
            reason = f"the {model} model gives an item no error (a Heywood case)"
            return replace(empty, models=tuple(found), declined=reason)
        fitted = Fitted(model, **asdict(structural.indices(spec, state, data, free)))
        found.append(_against(fitted, found[-1]) if found else fitted)
    return replace(empty, models=tuple(found))


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


def _against(fitted: Fitted, before: Fitted) -> Fitted:
    """The same with what the constraints cost, and whether they hold by the rule: never where those before did not."""
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
        holds=before.holds is not False and rules.invariance_holds(delta_cfi, delta_rmsea),
    )
