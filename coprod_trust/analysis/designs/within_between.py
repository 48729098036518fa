"""The questions of design A2 from three waves on: within people, does one trust vary with another, and does either go
before?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np

from coprod_trust.analysis import constructs, cross_lagged, data, within_between
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.design import Answer, Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.study.model import Dimension, Scale


def answers(shared: Shared) -> Answers:
    """Is trust in others higher in the waves in which a person's trust in fellow participants is, or at the next?"""
    found: list[Answer] = []
    for question in _questions(shared.measured):
        found += [within_between.answer(question, shared.plan), cross_lagged.answer(_lagged(shared.measured, question))]
    return Answers(found)


def _lagged(measured: Measured, question: within_between.Question) -> cross_lagged.Question:
    name = f"cross_lagged.{question.predictor}-{question.outcome}"
    months = tuple(float(measured.study.wave(w).month) for w in question.waves)
    asked = replace(question, exploratory=exploratory(measured.study.plan, name))
    return cross_lagged.Question(**{f.name: getattr(asked, f.name) for f in fields(asked)}, months=months)


def _questions(measured: Measured) -> Iterator[within_between.Question]:
    study = measured.study
    participants = data.Population(data.DEFAULT_POPULATION, study.groups.participants)
    member = measured.followed(participants)
    for predictor, outcome in _pairs(measured):
        waves = _comparable(measured, predictor, outcome)
        if len([w for w in measured.waves if study.asked(predictor, w) and study.asked(outcome, w)]) < 3:
            continue  # With two waves it would be the change-with-change model once more.
        x, y = (np.column_stack([measured.score(s.id, w)[member] for w in waves]) for s in (predictor, outcome))
        yield within_between.Question(
            predictor=predictor.id,
            outcome=outcome.id,
            waves=waves,
            x=x,
            y=y,
            population=participants.id,
            exploratory=exploratory(study.plan, f"within.{predictor.id}-{outcome.id}"),
            flagged=measured.flagged_in(*waves)[member],
        )


def _pairs(measured: Measured) -> list[tuple[Scale, Scale]]:
    """Peers with provider, generalized and municipal trust, then every pair that the plan names."""
    study = measured.study
    peers = constructs.measuring(study, Dimension.PEERS)
    wanted = [(p.id, o.id) for p in peers for o in constructs.measuring(study, *constructs.TRUST)]
    scored = {s.id: s for s in measured.scales}
    named = [*wanted, *constructs.named_pairs(study, "within")]
    return [(scored[p], scored[o]) for p, o in dict.fromkeys(named) if p in scored and o in scored]


def _comparable(measured: Measured, *scales: Scale) -> tuple[str, ...]:
    """The waves in which all scales were asked and can be compared with the first such wave."""
    study = measured.study
    common = [w for w in measured.waves if all(study.asked(s, w) and (s.id, w) not in measured.blocked for s in scales)]
    return tuple(
        w for w in common if w == common[0] or not any(measured.why_not_comparable(s.id, common[0], w) for s in scales)
    )
