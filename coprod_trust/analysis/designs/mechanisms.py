"""The questions of design A7: do self-efficacy and feeling part of the group change together with trust, and does a
path over the waves fit?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coprod_trust.analysis import association, constructs, data, mediation
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.design import Answers, Shared
from coprod_trust.analysis.designs.association import scores_of
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.study.contrasts import contrasts_of
from coprod_trust.study.model import Dimension, Scale


def answers(shared: Shared) -> Answers:
    """Changes that go together over the primary contrast, and paths over three waves."""
    found = [association.answer(q, shared.plan) for q in _questions(shared.measured)]
    return Answers([*found, *(mediation.answer(q, shared.plan) for q in _paths(shared.measured))])


def _participants(measured: Measured) -> data.Population:
    return data.Population(data.DEFAULT_POPULATION, measured.study.groups.participants)


def _questions(measured: Measured) -> Iterator[association.Question]:
    study = measured.study
    participants = _participants(measured)
    member = measured.followed(participants)
    for predictor, outcome in _pairs(measured):
        common = tuple(w for w in measured.waves if study.asked(predictor, w) and study.asked(outcome, w))
        primary = next((c for c in contrasts_of(study, outcome, common) if c.primary), None)
        if primary is None:
            continue
        a, b = primary.wave_from, primary.wave_to
        reasons = [f"{s.id}: {why}" for s in (predictor, outcome) if (why := measured.why_not_comparable(s.id, a, b))]
        yield association.Question(
            predictor=scores_of(measured, predictor, a, b, member),
            outcome=scores_of(measured, outcome, a, b, member),
            others=(),
            wave_from=a,
            wave_to=b,
            population=participants.id,
            exploratory=exploratory(study.plan, f"mechanism.{predictor.id}-{outcome.id}", primary.planned),
            first_wave=True,
            declined="; ".join(reasons) or None,
            flagged=measured.flagged_in(a, b)[member],
            kind="mechanism",
            design="A7",
        )


def _pairs(measured: Measured) -> list[tuple[Scale, Scale]]:
    """Each mechanism with each trust in others, then every pair that the plan names. Trust in fellow participants, the
    other mechanism, is asked about by A2."""
    study = measured.study
    mechanisms = constructs.scored(study, *constructs.MECHANISMS)
    wanted = [(m.id, t.id) for m in mechanisms for t in constructs.measuring(study, *constructs.TRUST)]
    scored = {s.id: s for s in measured.scales}
    named = [*wanted, *constructs.named_pairs(study, "mechanism")]
    return [(scored[p], scored[o]) for p, o in dict.fromkeys(named) if p in scored and o in scored]


def _paths(measured: Measured) -> Iterator[mediation.Question]:
    """From commitment at the start over self-efficacy or peer trust in between to trust at the end."""
    study = measured.study
    start = next(iter(constructs.scored(study, "commitment")), None)
    if start is None:
        return
    participants = _participants(measured)
    member = measured.followed(participants)
    between = constructs.scored(study, "self_efficacy") + constructs.measuring(study, Dimension.PEERS)
    for middle in between:
        for outcome in constructs.measuring(study, *constructs.TRUST):
            waves = [w for w in measured.waves if all(study.asked(s, w) for s in (start, middle, outcome))]
            if len(waves) < 3:
                continue
            first, then, last = waves[0], waves[-2], waves[-1]

            def score(scale: Scale, *at: str) -> np.ndarray:
                return np.column_stack([measured.score(scale.id, w)[member] for w in at])

            reasons = [
                measured.blocked.get((start.id, first)),
                measured.why_not_comparable(middle.id, first, then),
                measured.why_not_comparable(outcome.id, then, last),
            ]
            yield mediation.Question(
                start_id=start.id,
                between_id=middle.id,
                outcome_id=outcome.id,
                waves=(first, then, last),
                start=score(start, first)[:, 0],
                between=score(middle, first, then),
                outcome=score(outcome, then, last),
                population=participants.id,
                declined="; ".join(r for r in reasons if r) or None,
            )
