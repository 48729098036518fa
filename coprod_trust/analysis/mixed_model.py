"""Change by the project's mixed-effects engine: wave as a factor, REML, Kenward-Roger.

Everybody scored at the first wave is in it, also those who left: valid where leaving depends on what was seen before
(missing at random). The covariance over the waves is unstructured, or compound-symmetric with negative covariance
allowed where rules.py says that the data cannot carry more; the note names which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
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
class Fit:
    """A fitted model, or why there is none. ``n`` is the number of people in it, ``n_followed`` of those with a later
    score."""

    method: str
    waves: tuple[str, ...]
    n: int
    n_followed: int
    engine: EngineFit | None = None
    declined: str | None = None

    def contrast(self, wave_from: str, wave_to: str, role: Role) -> Estimate:
        """The mean change between two waves, in POMP points, with its t test."""
        if self.engine is None:
            return Estimate(self.method, role, n=self.n, declined=self.declined)
        if wave_from not in self.waves or wave_to not in self.waves:
            return Estimate(self.method, role, n=self.n, declined="one of the waves has no scores in this model")
        weights = {}
        if wave_to != self.waves[0]:
            weights[f"wave[T.{wave_to}]"] = 1.0
        if wave_from != self.waves[0]:
            weights[f"wave[T.{wave_from}]"] = -1.0
        row = {k: v for k, v in self.engine.contrast(weights, df="kenward-roger").items() if k != "term"}
        figures = {k: float(v) for k, v in row.items()}
        covariance = covariance_in_words(self.engine)
        return Estimate(
            self.method,
            role,
            n=self.n,
            estimate=figures["estimate"],
            std_error=figures["std_error"],
            df=figures["df"],
            df_method="Kenward-Roger",
            statistic_name="t",
            statistic=figures["statistic"],
            p_value=figures["p_value"],
            ci_low=figures["ci_low"],
            ci_high=figures["ci_high"],
            note=f"{covariance} covariance; all scored at the first wave, {self.n_followed} of them also later",
        )

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
    formula = " + ".join(["wave", *panel.between])
    engine = engine_fit(panel, formula, seen)
    if isinstance(engine, str):
        return Fit(method, names, n, followed, declined=engine)
    return Fit(method, names, n, followed, engine=engine)


def engine_fit(panel: Panel, formula: str, scores: Floats) -> EngineFit | str:
    """The model with the covariance that the rules allow for these scores (people x waves), or why it has none."""
    from coprod_trust.mixed import NotIdentified

    why = ""
    for covariance in ("unstructured", "compound-symmetry"):
        if covariance == "unstructured" and not _unstructured_allowed(scores):
            continue
        try:
            return panel.fit(formula, covariance=covariance)
        except NotIdentified as error:
            why = str(error)
    return why


def covariance_in_words(engine: EngineFit) -> str:
    """The covariance over the waves that was taken."""
    return "unstructured" if engine.kind == "unstructured" else "compound-symmetric"


def _unstructured_allowed(scores: Floats) -> bool:
    present = (~np.isnan(scores)).astype(int)
    shared = present.T @ present
    waves = scores.shape[1]
    # Positive definiteness is what the engine itself finds out: it refuses, and compound symmetry is taken.
    return waves <= UNSTRUCTURED_WAVES and rules.unstructured_allowed(len(scores), waves, int(shared.min()), True)
