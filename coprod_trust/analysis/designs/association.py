"""The questions of design A2: change in one trust with change in another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import association, data
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.design import Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.study.contrasts import contrasts_of
from coprod_trust.study.model import Dimension, Scale


def answers(shared: Shared) -> Answers:
    """Did trust in fellow participants change together with the other trusts, and every pair that the plan names?"""
    return Answers(association.answer(q, shared.plan) for q in _questions(shared.measured))


def _questions(measured: Measured) -> Iterator[association.Question]:
    study = measured.study
    participants = data.Population(data.DEFAULT_POPULATION, study.groups.participants)
    member = measured.followed(participants)
    pairs = _pairs(measured)
    for predictor, outcome in pairs:
        common = [w for w in measured.waves if study.asked(predictor, w) and study.asked(outcome, w)]
        outcomes = [o for p, o in pairs if p.id == predictor.id and o.id != outcome.id]
        for contrast in contrasts_of(study, outcome, tuple(common)):
            a, b = contrast.wave_from, contrast.wave_to

            def scores(scale: Scale, a: str = a, b: str = b) -> association.Scores:
                return scores_of(measured, scale, a, b, member)

            reasons = [
                f"{s.id}: {why}" for s in (predictor, outcome) if (why := measured.why_not_comparable(s.id, a, b))
            ]
            yield association.Question(
                predictor=scores(predictor),
                outcome=scores(outcome),
                others=tuple(scores(o) for o in outcomes if not measured.why_not_comparable(o.id, a, b)),
                wave_from=a,
                wave_to=b,
                population=participants.id,
                exploratory=exploratory(study.plan, f"association.{predictor.id}-{outcome.id}", contrast.planned),
                first_wave=a == common[0],
                declined="; ".join(reasons) or None,
                flagged=measured.flagged_in(a, b)[member],
            )


def scores_of(
    measured: Measured, scale: Scale, wave_from: str, wave_to: str, member: NDArray[np.bool_]
) -> association.Scores:
    """A scale's scores and items at two waves, of the members."""
    items = [measured.items(scale, w) for w in (wave_from, wave_to)]
    return association.Scores(
        scale.id,
        *(measured.score(scale.id, w)[member] for w in (wave_from, wave_to)),
        *(None if i is None else i[member] for i in items),
    )


def _pairs(measured: Measured) -> list[tuple[Scale, Scale]]:
    """Peers with provider, generalized and municipal trust, then every pair that the plan names."""
    study = measured.study
    scored = {s.id: s for s in measured.scales}
    peers = study.scale_of(Dimension.PEERS)
    wanted = []
    if peers is not None:
        others = (study.scale_of(d) for d in (Dimension.PROVIDER, Dimension.GENERALIZED, Dimension.MUNICIPAL))
        wanted = [(peers.id, o.id) for o in others if o is not None]
    for family in study.plan.families:
        for name in family.members:
            kind, _, rest = name.partition(".")
            predictor, dash, outcome = rest.partition("-")
            if kind == "association" and dash:
                wanted.append((predictor, outcome))
    return [(scored[p], scored[o]) for p, o in dict.fromkeys(wanted) if p in scored and o in scored]
