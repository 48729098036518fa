"""The questions of design A1: each scale, contrast and group."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coprod_trust.analysis import change, data, rules
from coprod_trust.analysis.design import Answer, Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.analysis.reliability import Reliability
from coprod_trust.analysis.wave_means import WaveMean
from coprod_trust.study.contrasts import contrasts_of


def answers(shared: Shared) -> Answers:
    """Did each scale change, between each pair of waves of the plan and any other that data allow?"""
    return Answers(_answers(shared))


def _answers(shared: Shared) -> Iterator[Answer]:
    measured, plan = shared.measured, shared.plan
    errors = _error_variances(shared.reliabilities, shared.wave_means)
    for scale in measured.scales:
        first = next(iter(measured.asked_in(scale)), None)
        for contrast in contrasts_of(measured.study, scale, measured.waves):
            for population in measured.populations(scale):
                member = measured.member(population)
                start = measured.score(scale.id, contrast.wave_from)[member]
                end = measured.score(scale.id, contrast.wave_to)[member]
                default = population.id == data.DEFAULT_POPULATION
                if not default and rules.PAIRED_TEST.declines(int((~np.isnan(start) & ~np.isnan(end)).sum())):
                    continue
                parts = [errors.get((scale.id, w, population.group)) for w in (contrast.wave_from, contrast.wave_to)]
                question = change.Question(
                    scale=scale.id,
                    wave_from=contrast.wave_from,
                    wave_to=contrast.wave_to,
                    population=population.id,
                    suffix=population.suffix,
                    start=start,
                    end=end,
                    exploratory=exploratory(plan, f"change.{scale.id}{population.suffix}", contrast.planned)
                    and not (default and contrast.planned and scale.id in plan.primary),
                    first_wave=contrast.wave_from == first,
                    reliable_sd=None if None in parts else float(np.sqrt(sum(p for p in parts if p is not None))),
                    declined=measured.why_not_comparable(scale.id, contrast.wave_from, contrast.wave_to),
                    flagged=measured.flagged_in(contrast.wave_from, contrast.wave_to)[member],
                )
                models = shared.models.get((scale.id, population.id))
                yield change.answer(question, plan, models.estimates(contrast) if models else ())


def _error_variances(
    reliabilities: tuple[Reliability, ...], wave_means: tuple[WaveMean, ...]
) -> dict[tuple[str, str, str], float]:
    """Error variance of a score, SD squared times one less reliability, by scale, wave and group."""
    sds = {(m.scale, m.wave, m.population): m.sd for m in wave_means if m.method == "observed"}
    found = {}
    for r in reliabilities:
        sd = sds.get((r.scale, r.wave, r.population))
        if r.value is not None and r.value > 0 and sd:
            found[r.scale, r.wave, r.population] = sd**2 * (1 - r.value)
    return found
