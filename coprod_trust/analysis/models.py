"""The mixed models of trust, motivation, control and the primary scales: fitted once, used by several designs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import constructs, mixed_check, mixed_model, rules
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.finding import Estimate, Role
from coprod_trust.analysis.wave_means import WaveMean
from coprod_trust.study.contrasts import Contrast

Floats = NDArray[np.float64]

MODELLED = (constructs.MOTIVATION, constructs.CONTROL)


@dataclass(frozen=True)
class Models:
    """The models of one scale and population; ``checks`` are statsmodels' fits, where a cross-check was asked for."""

    plain: mixed_model.Fit
    adjusted: mixed_model.Fit | None
    checks: tuple[mixed_check.Fit, ...] = ()

    def estimates(self, contrast: Contrast) -> tuple[Estimate, ...]:
        """The engine's estimates with their t, and those of the checks with their z beside them."""
        ours = [m for m in (self.plain, self.adjusted) if m is not None]
        roles = [(m, Role.SECONDARY) for m in ours] + [(m, Role.CHECK) for m in self.checks]
        return tuple(m.contrast(contrast.wave_from, contrast.wave_to, role) for m, role in roles)


Fits = dict[tuple[str, str], Models]
"""The models by scale and population."""


def fits(measured: Measured, cross_check: bool) -> Fits:
    """Models of trust, motivation, control and the plan's primary scales; waves that cannot be compared stay out."""
    study = measured.study
    fitted: Fits = {}
    for scale in measured.scales:
        if scale.dimension is None and scale.id not in (*study.plan.primary, *MODELLED):
            continue
        waves = [w for w in measured.asked_in(scale) if (scale.id, w) not in measured.blocked]
        comparable = [w for w in waves if w == waves[0] or not measured.why_not_comparable(scale.id, waves[0], w)]
        if len(comparable) < 2:
            continue
        scores = np.column_stack([measured.score(scale.id, w) for w in comparable])
        covariates = _covariates(measured, comparable)
        for population in measured.populations(scale):
            member = measured.member(population)
            if rules.MIXED_MODEL.declines(int((~np.isnan(scores[member])).any(axis=1).sum())):
                continue
            own = None if covariates is None else covariates[member]
            fitted[scale.id, population.id] = Models(
                mixed_model.fit(comparable, scores[member]),
                None if own is None else mixed_model.fit(comparable, scores[member], own[:, 0]),
                _checks(comparable, scores[member], own) if cross_check else (),
            )
    return fitted


def _checks(waves: list[str], scores: Floats, covariates: Floats | None) -> tuple[mixed_check.Fit, ...]:
    plain = mixed_check.fit(waves, scores)
    return (plain,) if covariates is None else (plain, mixed_check.fit(waves, scores, covariates))


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
    """The models' means of each scale, wave and group that has one."""
    for scale in measured.scales:
        for population in measured.populations(scale):
            models = fitted.get((scale.id, population.id))
            if models is not None:
                member = measured.member(population)
                model = models.plain
                counts = [int((~np.isnan(measured.score(scale.id, w)[member])).sum()) for w in model.waves]
                yield from model.wave_means(scale.id, population.group, counts)
