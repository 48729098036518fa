"""What goes with willingness to take part? The survey side of the engagement model (design B10), exploratory.

The model is that of Van Eijk & Steen (2016, International Review of Administrative Sciences 82, 28-46): salience; ease,
internal and external efficacy and trust; self-interest and community motives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import ordered, rules
from coprod_trust.analysis.data import DEFAULT_POPULATION
from coprod_trust.analysis.design import Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.firth import NotFitted

Floats = NDArray[np.float64]

PRIMARY = "proportional_odds"
ADJUSTED = "proportional_odds_adjusted"
ESTIMAND = "log odds of a higher answer for one standard deviation more, those who take part, at one wave"


@dataclass(frozen=True)
class Predictor:
    """A scale's scores or an item's answers, in the order of the model; NaN where there is none."""

    id: str
    values: Floats


@dataclass(frozen=True)
class Question:
    """``outcome`` are the scores of willingness of those who take part, ``predictors`` aligned with them.

    ``exploratory`` in the order of the predictors.
    """

    scale: str
    wave: str
    outcome: Floats
    predictors: tuple[Predictor, ...]
    exploratory: tuple[bool, ...]


def name(question: Question, predictor: Predictor) -> str:
    """The question without its wave, as families list it."""
    return f"engagement.{predictor.id}"


def answers(question: Question) -> list[Plain]:
    """A question a predictor: alone, and beside the others for which there is room."""
    known = ~np.isnan(question.outcome)
    joint = _together(question)
    found = []
    for predictor, exploratory in zip(question.predictors, question.exploratory, strict=True):
        alone = _alone(question, predictor)
        draft = Finding(
            finding_id=f"engagement.{predictor.id}.{question.wave}",
            design="B10",
            outcome=question.scale,
            predictor=predictor.id,
            population=DEFAULT_POPULATION,
            estimand=ESTIMAND,
            estimates=(alone, joint[predictor.id]),
            contrast=question.wave,
            n_start=int(known.sum()),
            exploratory=exploratory,
            declined=alone.declined,
        )
        found.append(Plain(draft, name(question, predictor), f"at {question.wave}"))
    return found


def _alone(question: Question, predictor: Predictor) -> Estimate:
    known = ~(np.isnan(question.outcome) | np.isnan(predictor.values))
    n = int(known.sum())
    declined = rules.ORDERED.declines(n)
    if declined:
        return Estimate(PRIMARY, Role.PRIMARY, n=n, declined=declined)
    level = ordered.levels(question.outcome[known])
    try:
        (found,) = ordered.fit(level, predictor.values[known, None])
    except NotFitted as error:
        return Estimate(PRIMARY, Role.PRIMARY, n=n, declined=str(error))
    sd = float(predictor.values[known].std(ddof=1))
    return _estimate(PRIMARY, Role.PRIMARY, n, found, sd, f"alone in the model; {_levels(level)}")


def _together(question: Question) -> dict[str, Estimate]:
    """The predictors of the model in its order, as many as the answers carry, in one regression."""
    used: list[Predictor] = []
    known = ~np.isnan(question.outcome)
    for predictor in question.predictors:
        there = known & ~np.isnan(predictor.values)
        if int(there.sum()) < rules.ORDERED.minimum or np.ptp(predictor.values[there]) == 0:
            continue
        room = ordered.effective_people(ordered.levels(question.outcome[there])) / rules.FIRTH_EVENTS.minimum
        if len(used) + 1 > room:
            break
        used.append(predictor)
        known = there
    n = int(known.sum())
    names = [p.id for p in used]
    reason: str | None = None
    found: tuple[ordered.Coefficient, ...] = ()
    if len(used) < 2:
        reason = rules.ORDERED.declines(n) or "there is no room for more than one predictor"
    else:
        try:
            level = ordered.levels(question.outcome[known])
            found = ordered.fit(level, np.column_stack([p.values[known] for p in used]))
        except NotFitted as error:
            reason = str(error)
    if reason:
        return {p.id: Estimate(ADJUSTED, Role.SECONDARY, n=n, declined=reason) for p in question.predictors}
    full = f"there is room for {len(used)} predictors, taken in the order of the model: {', '.join(names)}"
    estimates = {p.id: Estimate(ADJUSTED, Role.SECONDARY, n=n, declined=full) for p in question.predictors}
    for predictor, coefficient in zip(used, found, strict=True):
        note = f"beside {', '.join(o for o in names if o != predictor.id)}; {_levels(level)}"
        sd = float(predictor.values[known].std(ddof=1))
        estimates[predictor.id] = _estimate(ADJUSTED, Role.SECONDARY, n, coefficient, sd, note)
    return estimates


def _levels(level: Sequence[int] | NDArray[np.intp]) -> str:
    return f"{int(np.max(level)) + 1} levels, one odds ratio for all of them is assumed"


def _estimate(method: str, role: Role, n: int, found: ordered.Coefficient, sd: float, note: str) -> Estimate:
    log_odds, low, high = found.estimate * sd, found.ci_low * sd, found.ci_high * sd
    return Estimate(
        method,
        role,
        n=n,
        estimate=log_odds,
        std_error=found.std_error * sd,
        statistic_name="chi2",
        statistic=found.chi2,
        p_value=found.p_value,
        ci_low=low,
        ci_high=high,
        effect_name="odds_ratio",
        effect_size=math.exp(log_odds),
        effect_ci_low=math.exp(low) if low > -700 else 0.0,
        effect_ci_high=math.exp(high) if high < 700 else None,
        note=note,
    )
