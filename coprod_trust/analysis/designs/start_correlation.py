"""The questions of design A4: do motivation, trust and perceived control go together at the start?"""

from __future__ import annotations

from collections.abc import Iterator

from coprod_trust.analysis import constructs, start_correlation
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.design import Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.study.model import Dimension, Scale


def answers(shared: Shared) -> Answers:
    """Are people with more motivation or control also those with more trust, at the first wave?"""
    return Answers(start_correlation.answer(q, shared.plan) for q in _questions(shared.measured))


def _questions(measured: Measured) -> Iterator[start_correlation.Question]:
    """At the study's first wave; a scale first asked later was not there at the start."""
    study = measured.study
    first = study.waves[0].id
    if first not in measured.waves:
        return
    for a, b in _pairs(measured):
        if not (study.asked(a, first) and study.asked(b, first)):
            continue
        blocked = [f"{s.id}: {why}" for s in (a, b) if (why := measured.blocked.get((s.id, first)))]
        yield start_correlation.Question(
            first=a.id,
            second=b.id,
            wave=first,
            x=measured.score(a.id, first),
            y=measured.score(b.id, first),
            group=measured.groups,
            participants=study.groups.participants,
            exploratory=exploratory(study.plan, f"correlation.{a.id}-{b.id}"),
            declined="; ".join(blocked) or None,
            flagged=measured.flagged_in(first),
        )


def _pairs(measured: Measured) -> list[tuple[Scale, Scale]]:
    """Motivation and control with each trust and with one another, then every pair that the plan names."""
    study = measured.study
    inner = constructs.scored(study, constructs.MOTIVATION, constructs.CONTROL)
    trusts = constructs.measuring(study, *constructs.TRUST_AND_PEERS, Dimension.INTERPERSONAL)
    wanted = [(s.id, t.id) for s in inner for t in trusts]
    if len(inner) == 2:
        wanted.append((inner[0].id, inner[1].id))
    scored = {s.id: s for s in measured.scales}
    named = [*wanted, *constructs.named_pairs(study, "correlation")]
    return [(scored[p], scored[o]) for p, o in dict.fromkeys(named) if p in scored and o in scored]
