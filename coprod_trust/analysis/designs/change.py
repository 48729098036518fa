"""The questions of designs A1 and A6 (motivation, control): each scale, contrast and group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import baseline, change, constructs, data, rules
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.design import Answer, Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.analysis.reliability import ERROR_FROM, Reliability
from coprod_trust.analysis.wave_means import WaveMean
from coprod_trust.study.contrasts import Contrast, contrasts_of
from coprod_trust.study.model import Scale


def answers(shared: Shared) -> Answers:
    """Did each scale change, between each pair of waves of the plan and any other that data allow?"""
    checks: list[dict[str, Any]] = []
    # The answers are made first: their models, and so the pairs to be compared, are fitted on the way.
    return Answers(tuple(_answers(shared, checks)), {"cross_check": checks})


def _answers(shared: Shared, checks: list[dict[str, Any]]) -> Iterator[Answer]:
    measured, plan = shared.measured, shared.plan
    errors = _error_variances(shared.reliabilities, shared.wave_means)
    auxiliary = cache(partial(_auxiliary, measured))
    for scale in measured.scales:
        first = next(iter(measured.asked_in(scale)), None)
        for contrast in contrasts_of(measured.study, scale, measured.waves):
            for population in measured.populations(scale):
                member = measured.followed(population)
                score_from = measured.score(scale.id, contrast.wave_from)
                start = score_from[member]
                end = measured.score(scale.id, contrast.wave_to)[member]
                default = population.id == data.DEFAULT_POPULATION
                if not default and rules.PAIRED_TEST.declines(int((~np.isnan(start) & ~np.isnan(end)).sum())):
                    continue
                declined = measured.why_not_comparable(scale.id, contrast.wave_from, contrast.wave_to)
                model = None if declined else shared.models.of_change(scale, population, contrast)
                used = model.waves if model and model.engine else (contrast.wave_from, contrast.wave_to)
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
                    declined=declined,
                    flagged=measured.flagged_in(*used)[member],
                    auxiliary=auxiliary(contrast.wave_from, population),
                    between=_between(measured, scale, contrast)[member],
                    teams=None if measured.teams is None else measured.teams[member],
                    design="A6" if scale.id in (constructs.MOTIVATION, constructs.CONTROL) else "A1",
                    model=model,
                    look=_look(measured, scale, contrast),
                    estimand=_estimand(measured),
                    aside=_aside(measured, ~np.isnan(score_from) & measured.member(population) & ~member),
                )
                fits = shared.models
                beside = () if declined else fits.beside(scale, population, contrast)
                slope = () if declined else fits.slope(scale, population, contrast)
                yield change.answer(question, plan, (*beside, *slope))
                checks += [] if declined else map(asdict, shared.models.cross_checks(scale, population, contrast))


def _estimand(measured: Measured) -> str:
    """Of whom the change is."""
    rule = measured.study.follow_up
    if rule is None:
        return change.ESTIMAND
    return change.ESTIMAND_LINKED if rule.only_linked else change.ESTIMAND_ASKED_AGAIN


def _aside(measured: Measured, people: NDArray[np.bool_]) -> str | None:
    """Who was not followed, in words."""
    rule, n = measured.study.follow_up, int(people.sum())
    if rule is None or not n:
        return None
    return f"left out: {n} " + ("who are in no other wave" if rule.only_linked else "who were not to be asked again")


def _look(measured: Measured, scale: Scale, contrast: Contrast) -> tuple[int, int] | None:
    """Which of how many looks at change since the first wave this is, waves to come included."""
    asked = [w.id for w in measured.study.waves if measured.study.asked(scale, w.id)]
    if contrast.wave_from != asked[0] or len(asked) < 3:
        return None
    return asked.index(contrast.wave_to), len(asked) - 1


def _auxiliary(measured: Measured, wave: str, population: data.Population) -> baseline.Columns:
    """What leaving after that wave may go with, for the people of a group."""
    return baseline.columns(measured, baseline.auxiliary(measured), wave, measured.followed(population))


def _between(measured: Measured, scale: Scale, contrast: Contrast) -> NDArray[np.float64]:
    """Scores, people x waves, of the waves between the two that can be compared with the first of them."""
    asked = measured.asked_in(scale)
    inside = asked[asked.index(contrast.wave_from) + 1 : asked.index(contrast.wave_to)]
    usable = [w for w in inside if not measured.why_not_comparable(scale.id, contrast.wave_from, w)]
    return np.column_stack([np.empty((len(measured.people), 0)), *(measured.score(scale.id, w) for w in usable)])


def _error_variances(
    reliabilities: tuple[Reliability, ...], wave_means: tuple[WaveMean, ...]
) -> dict[tuple[str, str, str], float]:
    """Error variance of a score, SD squared times one less reliability, by scale, wave and group."""
    sds = {(m.scale, m.wave, m.population): m.sd for m in wave_means if m.method == "observed"}
    found = {}
    for r in reliabilities:
        sd = sds.get((r.scale, r.wave, r.population))
        if r.coefficient in ERROR_FROM and r.value is not None and r.value > 0 and sd:
            found[r.scale, r.wave, r.population] = sd**2 * (1 - r.value)
    return found
