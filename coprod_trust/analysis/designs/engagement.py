"""The questions of design B10, where a study has the scale ``engagement`` of the default instrument."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import data, engagement
from coprod_trust.analysis.data import Measured, Population
from coprod_trust.analysis.design import Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.study.model import Dimension

OUTCOME = "engagement"

# The ids of the default instrument, in the order of the model's rungs: trust comes with ease and the efficacies, then
# the motives. A scale without a total enters item by item.
RUNGS = ("salience", "ease", "internal_efficacy", "external_efficacy")
TRUST = (Dimension.PROVIDER, Dimension.MUNICIPAL, Dimension.GENERALIZED, Dimension.PEERS)
MOTIVES = ("community", "self_interest")


def answers(shared: Shared) -> Answers:
    """The first wave in which willingness was asked: later ones have lost those who became unwilling."""
    measured = shared.measured
    scale = next((s for s in measured.scales if s.id == OUTCOME), None)
    waves = measured.asked_in(scale) if scale is not None else ()
    if not waves or (OUTCOME, waves[0]) in measured.blocked:
        return Answers(())
    wave = waves[0]
    member = measured.member(Population(data.DEFAULT_POPULATION, measured.study.groups.participants))
    outcome = measured.score(OUTCOME, wave)[member]
    predictors = tuple(p for p in _predictors(measured, wave, member) if not np.isnan(p.values).all())
    plan = measured.study.plan
    return Answers(
        engagement.answers(
            engagement.Question(
                OUTCOME,
                wave,
                outcome,
                predictors,
                tuple(exploratory(plan, f"engagement.{p.id}") for p in predictors),
            )
        )
        if not np.isnan(outcome).all()
        else ()
    )


def _predictors(measured: Measured, wave: str, member: NDArray[np.bool_]) -> Iterator[engagement.Predictor]:
    study = measured.study
    trust = [s.id for d in TRUST if (s := study.scale_of(d)) is not None]
    scales = {s.id: s for s in study.scales}
    for name in (*RUNGS, *trust, *MOTIVES):
        scale = scales.get(name)
        if scale is None or not study.asked(scale, wave) or (name, wave) in measured.blocked:
            continue
        if scale.scored:
            yield engagement.Predictor(name, measured.score(name, wave)[member])
            continue
        items = measured.items(scale, wave)
        if items is not None:
            there = [i.id for i in scale.items if i.id in measured.item_tables[wave]]
            yield from (engagement.Predictor(i, items[member, k]) for k, i in enumerate(there))
