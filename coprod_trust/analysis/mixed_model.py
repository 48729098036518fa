"""Change by the project's mixed-effects engine: wave as a factor, REML, Kenward-Roger.

Everybody scored at the first wave is in it, also those who left: valid where leaving depends on what was seen before
(missing at random). The covariance over the waves is unstructured, or compound-symmetric with negative covariance
allowed where rules.py says that the data cannot carry more; the note names which.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import effect_size, rules
from coprod_trust.analysis.finding import Estimate, Role
from coprod_trust.analysis.wave_means import WaveMean

if TYPE_CHECKING:
    from coprod_trust.mixed import Panel
    from coprod_trust.mixed.fit import Fit as EngineFit

Floats = NDArray[np.float64]

METHOD = "mixed_model"
ADJUSTED = "mixed_model_adjusted"
UNSTRUCTURED_WAVES = 6


@dataclass(frozen=True)
class Change:
    """The mean change between two waves, in POMP points, with its t test and the model's SD of change."""

    estimate: float
    std_error: float
    df: float
    t: float
    p_value: float
    ci95: rules.Interval
    ci90: rules.Interval
    sd: float
    mean_from: float
    mean_to: float


@dataclass(frozen=True)
class Fit:
    """A fitted model, or why there is none. ``n`` is the number of people in it, ``n_followed`` of those with a later
    score; ``scores`` are people (all that were given) x waves."""

    method: str
    waves: tuple[str, ...]
    n: int
    n_followed: int
    engine: EngineFit | None = None
    declined: str | None = None
    scores: Floats | None = None

    def change(self, wave_from: str, wave_to: str) -> Change | str:
        """The change between two waves, or why there is none."""
        if self.engine is None:
            return self.declined or "the model could not be fitted"
        if wave_from not in self.waves or wave_to not in self.waves:
            return "one of the waves has no scores in this model"
        from scipy.special import stdtr, stdtrit

        row = self.engine.contrast(self._weights(wave_from, wave_to), df="kenward-roger")
        estimate, se, df = (float(row[k]) for k in ("estimate", "std_error", "df"))
        # Rises and falls that cancel leave a trace in the last bits, which would be read as a direction.
        estimate = round(estimate, 9) + 0.0
        if not (math.isfinite(se) and se > 0 and math.isfinite(df) and df > 0):
            return "the model gave no standard error"
        a, b = self.waves.index(wave_from), self.waves.index(wave_to)
        v = self.engine.marginal_covariance
        means = self._design @ self.engine.beta
        q95, q90 = (float(stdtrit(df, q)) * se for q in (0.975, 0.95))
        return Change(
            estimate,
            se,
            df,
            estimate / se,
            2 * float(stdtr(df, -abs(estimate / se))),
            (estimate - q95, estimate + q95),
            (estimate - q90, estimate + q90),
            math.sqrt(v[a, a] + v[b, b] - 2 * v[a, b]),
            float(means[a]),
            float(means[b]),
        )

    def contrast(self, wave_from: str, wave_to: str, role: Role) -> Estimate:
        """The change between two waves as an estimate, with d_z by the model's SD of change."""
        found = self.change(wave_from, wave_to)
        if isinstance(found, str):
            return Estimate(self.method, role, n=self.n, declined=found)
        # On complete data this is d_z with its noncentral t interval, sqrt(n) being SD over SE.
        size = found.std_error / found.sd
        low, high = effect_size.noncentrality_interval(found.t, found.df)
        return Estimate(
            self.method,
            role,
            n=self.n,
            estimate=found.estimate,
            std_error=found.std_error,
            df=found.df,
            df_method="Kenward-Roger",
            statistic_name="t",
            statistic=found.t,
            p_value=found.p_value,
            ci_low=found.ci95[0],
            ci_high=found.ci95[1],
            effect_name="d_z",
            effect_size=found.estimate / found.sd,
            effect_ci_low=low * size,
            effect_ci_high=high * size,
            note=f"{self._covariance}; all scored at {self.waves[0]}, {self.n_followed} of them also later",
        )

    @property
    def _covariance(self) -> str:
        assert self.engine is not None
        words = f"{covariance_in_words(self.engine)} covariance"
        return (
            words if self.engine.kind == "unstructured" else f"{words}, the data being too few for an unstructured one"
        )

    @property
    def _design(self) -> Floats:
        """(waves, coefficients) the rows of X, covariates at 0."""
        assert self.engine is not None
        columns = self.engine.design.columns
        return np.array([np.array(c.weights) * (c.variable == "") for c in columns]).T

    def _weights(self, wave_from: str, wave_to: str) -> dict[str, float]:
        ends = ((wave_to, 1.0), (wave_from, -1.0))
        return {f"wave[T.{wave}]": sign for wave, sign in ends if wave != self.waves[0]}

    def most_influential(self, wave_from: str, wave_to: str, how_many: int = 2) -> NDArray[np.bool_]:
        """A mask of the people without whom the change would move most, the covariance held (Cook's distance of it).

        Of two that move it equally, the one that supports its direction goes first. On two complete waves the order
        is that of the distance from the mean change.
        """
        assert self.engine is not None and self.scores is not None
        moved = np.round(self._moved(wave_from, wave_to), 9)
        change = float(
            np.subtract(*(self._design @ self.engine.beta)[[self.waves.index(wave_to), self._at(wave_from)]])
        )
        order = np.lexsort((moved * np.sign(change), -np.abs(moved)))[:how_many]
        mask = np.zeros(len(moved), dtype=bool)
        mask[order] = True
        return mask

    def _at(self, wave: str) -> int:
        return self.waves.index(wave)

    def _moved(self, wave_from: str, wave_to: str) -> Floats:
        """By how much the change moves without each person, 0 for those who are not in the model:
        -w Phi X'V^-1 (I - H)^-1 r of that person, H = X Phi X'V^-1."""
        assert self.engine is not None and self.scores is not None
        x, v, phi = self._design, self.engine.marginal_covariance, self.engine.covariance_of_beta
        towards = (x[self._at(wave_to)] - x[self._at(wave_from)]) @ phi
        residual = self.scores - x @ self.engine.beta
        seen = ~np.isnan(self.scores)
        key = seen @ (1 << np.arange(len(self.waves)))
        key[~seen[:, 0]] = 0
        moved = np.zeros(len(key))
        for pattern in np.unique(key[key > 0]):
            has = np.flatnonzero((int(pattern) >> np.arange(len(self.waves))) & 1)
            inverse = np.linalg.inv(v[np.ix_(has, has)])
            leverage = x[has] @ phi @ x[has].T @ inverse
            weights = towards @ x[has].T @ inverse @ np.linalg.pinv(np.eye(len(has)) - leverage)
            own = key == pattern
            moved[own] = -residual[own][:, has] @ weights
        return moved

    def without(self, left_out: NDArray[np.bool_]) -> Fit:
        """The same model without those people (a mask over the people that were given)."""
        assert self.engine is not None and self.scores is not None
        out = self.scores[left_out]
        return _fitted(self.method, self.engine.panel.without(out[~np.isnan(out[:, 0])]), None)

    def wave_means(self, scale: str, group: str, counts: Sequence[int]) -> list[WaveMean]:
        """The model's mean of each wave; ``counts`` are the people with a score in each."""
        if self.engine is None:
            return []
        table = self.engine.marginal_means(df="kenward-roger")
        return [
            WaveMean(scale, w, group, "mixed_model", n, float(m), None, float(low), float(high))
            for w, n, m, low, high in zip(
                self.waves, counts, table["estimate"], table["ci_low"], table["ci_high"], strict=True
            )
        ]


def fit(waves: Sequence[str], scores: Floats, covariates: Floats | None = None) -> Fit:
    """Fit the mean of each wave to people x waves of scores (NaN: none); who has no score at the first wave stays out.

    ``covariates`` is people x columns, taken at the first wave; people without all of them are left out. What cannot be
    estimated is in ``declined``.
    """
    from coprod_trust.mixed import Panel

    method = METHOD if covariates is None else ADJUSTED
    started = ~np.isnan(scores[:, 0])
    if covariates is not None:
        started &= ~np.isnan(covariates).any(axis=1)
    seen = scores[started]
    kept = np.flatnonzero((~np.isnan(seen)).any(axis=0))
    seen, names = seen[:, kept], tuple(waves[int(k)] for k in kept)
    n, followed = len(seen), int((~np.isnan(seen[:, 1:])).any(axis=1).sum())
    too_few = rules.MIXED_MODEL.declines(n)
    if too_few or len(names) < 2:
        return Fit(method, names, n, followed, declined=too_few or "only one wave has scores")
    columns = np.empty((n, 0)) if covariates is None else covariates[started]
    panel = Panel.from_matrix(seen, names, columns, tuple(f"covariate_{k + 1}" for k in range(columns.shape[1])))
    return _fitted(method, panel, scores[:, kept] if covariates is None else None)


def _fitted(method: str, panel: Panel, scores: Floats | None) -> Fit:
    later = [1 << panel.outcome_index(w) for w in range(1, len(panel.waves))]
    followed = int(panel.counts[(panel.masks & sum(later)) > 0].sum())
    found = Fit(method, panel.waves, int(panel.counts.sum()), followed, scores=scores)
    too_few = rules.MIXED_MODEL.declines(found.n)
    if too_few:
        return replace(found, declined=too_few)
    engine = engine_fit(panel, " + ".join(["wave", *panel.between]))
    return replace(found, declined=engine) if isinstance(engine, str) else replace(found, engine=engine)


def engine_fit(panel: Panel, formula: str) -> EngineFit | str:
    """The model with the covariance that the rules allow for these people, or why it has none."""
    from coprod_trust.mixed import NotIdentified

    why = ""
    for covariance in ("unstructured", "compound-symmetry"):
        if covariance == "unstructured" and not _unstructured_allowed(panel):
            continue
        try:
            return panel.fit(formula, covariance=covariance)
        except NotIdentified as error:
            why = str(error)
    return why


def covariance_in_words(engine: EngineFit) -> str:
    """The covariance over the waves that was taken."""
    return "unstructured" if engine.kind == "unstructured" else "compound-symmetric"


def _unstructured_allowed(panel: Panel) -> bool:
    waves = len(panel.waves)
    bits = np.array([1 << panel.outcome_index(w) for w in range(waves)])
    present = ((panel.masks[:, None] & bits) > 0).astype(int)
    shared = (present * panel.counts[:, None]).T @ present
    # Positive definiteness is what the engine itself finds out: it refuses, and compound symmetry is taken.
    return waves <= UNSTRUCTURED_WAVES and rules.unstructured_allowed(
        int(panel.counts.sum()), waves, int(shared.min()), True
    )
