"""The questions of design A12: change of those who take part beside that of another group, where one was followed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coprod_trust.analysis import data, difference
from coprod_trust.analysis.data import Measured, Population
from coprod_trust.analysis.design import Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.study.contrasts import Contrast, contrasts_of
from coprod_trust.study.model import Group, Scale

NO_GROUP = "the study has no comparison group, so nothing tells what would have happened elsewhere"


def answers(shared: Shared) -> Answers:
    """Trust and the plan's primary scales, from the first wave to each later one."""
    return Answers(difference.answer(q, shared.plan) for q in _questions(shared.measured))


def _questions(measured: Measured) -> Iterator[difference.Question]:
    study = measured.study
    participants = measured.followed(Population(data.DEFAULT_POPULATION, study.groups.participants))
    for scale in measured.scales:
        if scale.dimension is None and scale.id not in study.plan.primary:
            continue
        others = [
            g
            for g in study.groups.values
            if g.id != study.groups.participants and (scale.groups is None or g.id in scale.groups)
        ]
        asked = measured.asked_in(scale)
        for contrast in contrasts_of(study, scale, measured.waves):
            if contrast.wave_from != asked[0]:
                continue
            if len(study.groups.values) == 1 and contrast.primary and scale.id in study.plan.primary:
                yield _question(measured, scale, contrast, None, participants)
            for other in others:
                yield _question(measured, scale, contrast, other, participants)


def _question(
    measured: Measured, scale: Scale, contrast: Contrast, other: Group | None, participants: np.ndarray
) -> difference.Question:
    start, end = (measured.score(scale.id, w) for w in (contrast.wave_from, contrast.wave_to))
    member = participants if other is None else participants | measured.followed(Population(other.id, other.id))
    suffix = f".{other.id}" if other is not None and len(measured.study.groups.values) > 2 else ""
    return difference.Question(
        scale=scale.id,
        wave_from=contrast.wave_from,
        wave_to=contrast.wave_to,
        other_label="others" if other is None else other.label.lower(),
        start=start[member],
        end=end[member],
        participant=participants[member],
        exploratory=exploratory(measured.study.plan, f"difference_in_differences.{scale.id}{suffix}", contrast.planned),
        suffix=suffix,
        declined=NO_GROUP
        if other is None
        else measured.why_not_comparable(scale.id, contrast.wave_from, contrast.wave_to),
    )
