"""The questions of design A8: does change in trust differ with conditions and obstructions at the start?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import constructs, data, moderation
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.design import Answer, Answers, Shared
from coprod_trust.analysis.multiplicity import exploratory
from coprod_trust.study.model import Scale

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Condition:
    """A scale, or one item of a scale with its answer as given (not turned)."""

    id: str
    scale: Scale
    item: str | None = None

    def score(self, measured: Measured, wave: str) -> Floats:
        """In POMP points, NaN where there is none."""
        if self.item is None:
            return measured.score(self.scale.id, wave)
        answers = measured.items(self.scale, wave)
        asked = measured.items_asked(self.scale, wave)
        if answers is None or self.item not in asked:
            return np.full(len(measured.people), np.nan)
        low, high = self.scale.ends(wave)
        pomp = (answers[:, asked.index(self.item)] - low) / (high - low) * 100
        turned = next(i.reverse for i in self.scale.items if i.id == self.item)
        return 100 - pomp if turned else pomp


def answers(shared: Shared) -> Answers:
    """Did trust change differently where there was more support, commitment, outside pressure or free-riding?"""
    found: list[Answer] = []
    rows: list[dict[str, Any]] = []
    for question in _questions(shared.measured):
        answer, slopes = moderation.answer(question, shared.plan)
        found.append(answer)
        rows += slopes
    return Answers(found, {"simple_slope": rows})


def _questions(measured: Measured) -> Iterator[moderation.Question]:
    study = measured.study
    participants = data.Population(data.DEFAULT_POPULATION, study.groups.participants)
    member = measured.followed(participants)
    for condition, outcome in _pairs(measured):
        waves = _waves(measured, condition, outcome)
        if len(waves) < 2:
            continue
        scores = np.column_stack([measured.score(outcome.id, w)[member] for w in waves])
        yield moderation.Question(
            moderator_id=condition.id,
            outcome=outcome.id,
            waves=waves,
            moderator=condition.score(measured, waves[0])[member],
            scores=scores,
            population=participants.id,
            exploratory=exploratory(study.plan, f"moderation.{condition.id}-{outcome.id}"),
            first_wave=waves[0] == measured.asked_in(outcome)[0],
            declined=measured.blocked.get((condition.scale.id, waves[0]))
            or measured.why_not_comparable(outcome.id, waves[0], waves[-1]),
            flagged=measured.flagged_in(*waves)[member],
        )


def _waves(measured: Measured, condition: Condition, outcome: Scale) -> tuple[str, ...]:
    """From the first wave in which both were asked to the latest of the outcome: the condition is there before the
    change that it is held against. Waves between that cannot be compared stay out."""
    asked = measured.asked_in(outcome)
    first = next((w for w in asked if measured.study.asked(condition.scale, w)), None)
    if first is None:
        return ()
    later = asked[asked.index(first) :]
    return tuple(w for w in later if w in (first, later[-1]) or not measured.why_not_comparable(outcome.id, first, w))


def _pairs(measured: Measured) -> list[tuple[Condition, Scale]]:
    """Conditions and obstructions with each trust, then every pair that the plan names."""
    study = measured.study
    conditions = {c.id: c for c in _conditions(measured)}
    usual = [c.id for c in conditions.values() if c.item or c.id in (*constructs.CONDITIONS, *constructs.OBSTRUCTIONS)]
    wanted = [(c, o.id) for c in usual for o in constructs.measuring(study, *constructs.TRUST_AND_PEERS)]
    named = [*wanted, *constructs.named_pairs(study, "moderation")]
    scored = {s.id: s for s in measured.scales}
    return [(conditions[c], scored[o]) for c, o in dict.fromkeys(named) if c in conditions and o in scored and c != o]


def _conditions(measured: Measured) -> Iterator[Condition]:
    """Every scored scale can be a condition; of items, the sign of crowding-out where no scale measures it."""
    for scale in measured.scales:
        yield Condition(scale.id, scale)
    if not any(s.id == "crowding_out" for s in measured.scales):
        for scale in measured.study.scales:
            if any(i.id == constructs.CROWDING_OUT_ITEM for i in scale.items):
                yield Condition(constructs.CROWDING_OUT_ITEM, scale, constructs.CROWDING_OUT_ITEM)
