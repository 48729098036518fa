"""The mixed models of a run: each fitted once, used by several designs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import constructs, cross_check, mixed_check, mixed_model, rules, trend
from coprod_trust.analysis.cross_check import CrossCheck, Pair
from coprod_trust.analysis.data import Measured, Population
from coprod_trust.analysis.finding import Estimate, Role
from coprod_trust.analysis.wave_means import WaveMean
from coprod_trust.study.contrasts import Contrast
from coprod_trust.study.model import Scale

Floats = NDArray[np.float64]

MODELLED = (constructs.MOTIVATION, constructs.CONTROL)


class Fits:
    """The models of one run, each fitted when it is first asked for.

    The model of a change up to a wave holds that wave and all earlier ones that can be compared with it: what comes
    later never moves a change that was reported before.
    """

    def __init__(self, measured: Measured, cross_check: bool = False) -> None:
        self._measured = measured
        self._cross_check = cross_check
        self._plain: dict[tuple[str, str, tuple[str, ...]], mixed_model.Fit] = {}
        self._beside: dict[tuple[str, str, tuple[str, ...]], tuple[Beside, ...]] = {}
        self._pairs: dict[tuple[str, str, tuple[str, ...]], tuple[Pair, ...]] = {}

    def of_change(self, scale: Scale, population: Population, contrast: Contrast) -> mixed_model.Fit | None:
        """The model that answers for a contrast; None where only one wave can be compared."""
        return self.of_waves(scale, population, self._until(scale, contrast.wave_to))

    def of_waves(self, scale: Scale, population: Population, waves: tuple[str, ...]) -> mixed_model.Fit | None:
        """The model of these waves, in order; who has no score at the first of them is not in it."""
        if len(waves) < 2:
            return None
        key = (scale.id, population.id, waves)
        if key not in self._plain:
            self._plain[key] = mixed_model.fit(waves, self._scores(scale, population, waves))
        return self._plain[key]

    def beside(self, scale: Scale, population: Population, contrast: Contrast) -> tuple[Estimate, ...]:
        """What stands beside the model of trust, motivation, control or a primary scale: the model with the plan's
        covariates, and statsmodels' models where a cross-check was asked for."""
        waves = self._until(scale, contrast.wave_to)
        if len(waves) < 2 or not _modelled(self._measured, scale):
            return ()
        key = (scale.id, population.id, waves)
        if key not in self._beside:
            self._beside[key] = self._fit_beside(scale, population, waves)
        return tuple(m.contrast(contrast.wave_from, contrast.wave_to, role) for m, role in self._beside[key])

    def _fit_beside(self, scale: Scale, population: Population, waves: tuple[str, ...]) -> tuple[Beside, ...]:
        scores = self._scores(scale, population, waves)
        if rules.MIXED_MODEL.declines(int((~np.isnan(scores)).any(axis=1).sum())):
            return ()
        every = _covariates(self._measured, list(waves))
        covariates = None if every is None else every[self._measured.followed(population)]
        found: list[Beside] = []
        if covariates is not None:
            found.append((mixed_model.fit(waves, scores, covariates[:, 0]), Role.SECONDARY))
        if self._cross_check:
            key = (scale.id, population.id, waves)
            self._pairs[key] = tuple(
                cross_check.pair(waves, scores, c) for c in (None, *(() if covariates is None else (covariates,)))
            )
            found += [(p.theirs, Role.CHECK) for p in self._pairs[key]]
        return tuple(found)

    def cross_checks(self, scale: Scale, population: Population, contrast: Contrast) -> tuple[CrossCheck, ...]:
        """Our random intercept and statsmodels' set beside each other; nothing unless a cross-check was asked for."""
        pairs = self._pairs.get((scale.id, population.id, self._until(scale, contrast.wave_to)), ())
        ends = (contrast.wave_from, contrast.wave_to)
        return tuple(cross_check.compare(p, scale.id, population.id, *ends) for p in pairs)

    def slope(self, scale: Scale, population: Population, contrast: Contrast) -> tuple[Estimate, ...]:
        """The straight line beside the change from the first wave to the latest of three or more; nothing where the
        plan asks for the core analyses only, or there are many people."""
        waves, measured = self._until(scale, contrast.wave_to), self._measured
        if not measured.days or len(waves) < 3 or contrast.wave_from != waves[0] or not _modelled(measured, scale):
            return ()
        if contrast.wave_to != measured.asked_in(scale)[-1]:
            return ()
        days = np.column_stack([measured.days[w] for w in waves])[measured.followed(population)]
        months = tuple(float(measured.study.wave(w).month) for w in waves)
        return (trend.slope(waves, self._scores(scale, population, waves), *trend.times(days, months)),)

    def _until(self, scale: Scale, last: str) -> tuple[str, ...]:
        """That wave and the earlier ones that can be compared with it."""
        measured = self._measured
        asked = measured.asked_in(scale)
        earlier = asked[: asked.index(last)] if last in asked else ()
        return (*(w for w in earlier if not measured.why_not_comparable(scale.id, w, last)), last)

    def _scores(self, scale: Scale, population: Population, waves: tuple[str, ...]) -> Floats:
        member = self._measured.followed(population)
        return np.column_stack([self._measured.score(scale.id, w)[member] for w in waves])


def _modelled(measured: Measured, scale: Scale) -> bool:
    """Whether more than the model of change is wanted of a scale."""
    return scale.dimension is not None or scale.id in (*measured.study.plan.primary, *MODELLED)


Beside = tuple[mixed_model.Fit | mixed_check.Fit, Role]


def _covariates(measured: Measured, waves: list[str]) -> Floats | None:
    """The plan's covariates as people x waves x columns: numbers as they are, categories as indicators."""
    import pandas as pd

    wanted = [c for c in measured.study.covariates if c.id in measured.study.plan.covariates]
    blocks = []
    for covariate in wanted:
        per_wave = [measured.covariate(covariate, w) for w in waves]
        if covariate.kind in ("number", "birth_year"):
            blocks.append(
                np.stack(
                    [pd.to_numeric(v, errors="coerce").to_numpy(float, na_value=np.nan) for v in per_wave], axis=1
                )[..., None]
            )
            continue
        levels = sorted({str(v) for series in per_wave for v in series.dropna()})
        for level in levels[1:]:
            columns = [np.where(v.isna(), np.nan, (v.astype(str) == level).astype(float)) for v in per_wave]
            blocks.append(np.stack(columns, axis=1)[..., None])
    return np.concatenate(blocks, axis=2) if blocks else None


def wave_means(measured: Measured, fitted: Fits) -> Iterator[WaveMean]:
    """The models' means of trust, motivation, control and the primary scales, by wave and group; waves that cannot be
    compared with the first stay out."""
    for scale in measured.scales:
        if not _modelled(measured, scale):
            continue
        asked = [w for w in measured.asked_in(scale) if (scale.id, w) not in measured.blocked]
        waves = tuple(w for w in asked if w == asked[0] or not measured.why_not_comparable(scale.id, asked[0], w))
        for population in measured.populations(scale):
            model = fitted.of_waves(scale, population, waves)
            if model is not None:
                member = measured.followed(population)
                counts = [int((~np.isnan(measured.score(scale.id, w)[member])).sum()) for w in model.waves]
                yield from model.wave_means(scale.id, population.group, counts)
