"""The questions of design A3: those who take part against another group, at the first wave."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coprod_trust.analysis import data, selection
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.design import Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory


def answers(shared: Shared) -> Answers:
    """Did those who take part differ at the start?"""
    return Answers(selection.answer(q, shared.plan) for q in _questions(shared.measured))


def _questions(measured: Measured) -> Iterator[selection.Question]:
    """Every scale asked of participants and of another group at the study's first wave."""
    study = measured.study
    first = study.waves[0].id
    if first not in measured.waves:
        return
    labels = {g.id: g.label.lower() for g in study.groups.values}
    for scale in measured.scales:
        if not study.asked(scale, first):
            continue
        scores = measured.score(scale.id, first)
        groups = {p.id: scores[measured.member(p) & ~np.isnan(scores)] for p in measured.populations(scale)}
        participants = groups.pop(data.DEFAULT_POPULATION, np.empty(0))
        others = {g: v for g, v in groups.items() if len(v)}
        for group, values in others.items():
            suffix = f".{group}" if len(study.groups.values) > 2 else ""
            yield selection.Question(
                scale=scale.id,
                wave=first,
                other_label=labels[group],
                participants=participants,
                others=values,
                exploratory=exploratory(study.plan, f"selection.{scale.id}{suffix}"),
                suffix=suffix,
                declined=measured.blocked.get((scale.id, first)),
            )
