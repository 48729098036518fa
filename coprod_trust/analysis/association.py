"""Do changes in one trust go with changes in another? One question a pair of scales and contrast (design A2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import association_estimates, rules
from coprod_trust.analysis.design import Answer, BetweenWaves, OfQuestion, Plain
from coprod_trust.analysis.finding import AssociationVerdict, Certainty, Estimate, Finding, Role
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]

PRIMARY = association_estimates.PRIMARY
ESTIMAND = "correlation between persons of two changes, of those with both scores at both waves"


@dataclass(frozen=True)
class Scores:
    """A scale's scores at the two waves of the contrast, aligned with those of every other scale.

    ``items_start`` and ``items_end`` are the answers behind them (people x items), where they are known.
    """

    scale: str
    start: Floats
    end: Floats
    items_start: Floats | None = None
    items_end: Floats | None = None

    @property
    def change(self) -> Floats:
        """end - start, cleaned of rounding noise, NaN where either is missing."""
        return np.round(self.end - self.start, 9)


@dataclass(frozen=True)
class Question(BetweenWaves):
    """Does change in ``predictor`` go with change in ``outcome``? ``others`` are outcomes it is compared with.

    ``kind`` is what the finding's id begins with, ``design`` the design that asks.
    """

    predictor: Scores
    outcome: Scores
    others: tuple[Scores, ...]
    wave_from: str
    wave_to: str
    population: str
    exploratory: bool
    first_wave: bool
    declined: str | None = None
    flagged: NDArray[np.bool_] | None = None
    kind: str = "association"
    design: str = "A2"

    @property
    def about(self) -> str:
        return f"{self.kind}.{self.predictor.scale}-{self.outcome.scale}"

    @property
    def ends(self) -> tuple[str, str]:
        return self.wave_from, self.wave_to

    @property
    def complete(self) -> NDArray[np.bool_]:
        return ~(np.isnan(self.predictor.change) | np.isnan(self.outcome.change))

    @property
    def n_start(self) -> int:
        return int((~(np.isnan(self.predictor.start) | np.isnan(self.outcome.start))).sum())


@dataclass(frozen=True)
class Tested(OfQuestion):
    """A question with everything that does not depend on the other members of its family."""

    question: Question
    r: float
    p_value: float
    estimates: tuple[Estimate, ...]

    def finding(self, families: Families) -> Finding:
        """Verdict and certainty, with p adjusted in the family."""
        return finish(self, families)


def answer(question: Question, plan: Plan) -> Answer:
    """The question tested, or declined."""
    reason = why_declined(question)
    if reason is not None:
        return Plain(declined_finding(question, reason), question.name, question.slot)
    return test_question(question, plan)


def why_declined(question: Question) -> str | None:
    """Why the question is not answered, or None."""
    if question.declined:
        return question.declined
    complete = question.complete
    too_few = rules.ASSOCIATION.declines(int(complete.sum()))
    if too_few:
        return too_few
    for scores in (question.predictor, question.outcome):
        if np.ptp(scores.change[complete]) == 0:
            return f"everybody's {scores.scale} changed by the same amount, so nothing can go with it"
    return None


def declined_finding(question: Question, reason: str) -> Finding:
    """A question that could not be answered, and why."""
    return Finding(
        finding_id=question.finding_id,
        design=question.design,
        outcome=question.outcome.scale,
        predictor=question.predictor.scale,
        population=question.population,
        estimand=ESTIMAND,
        estimates=(Estimate(PRIMARY, Role.PRIMARY, n=int(question.complete.sum()), declined=reason),),
        contrast=question.contrast,
        n_start=question.n_start,
        exploratory=question.exploratory,
        declined=reason,
    )


def test_question(question: Question, plan: Plan) -> Tested:
    """Everything about one question but what needs its family."""
    found = association_estimates.estimates(question, plan)
    r, p = found[0].estimate, found[0].p_value
    assert r is not None and p is not None
    return Tested(question, r, p, found)


def finish(tested: Tested, families: Families) -> Finding:
    """Verdict and certainty, with p adjusted in the family."""
    question, plan = tested.question, families.plan

    def verdict(p_value: float, r: float) -> AssociationVerdict:
        adjusted = families.adjusted(question.finding_id, instead=p_value)
        return rules.verdict_on_association(p_value if adjusted is None else adjusted, r, plan.alpha)

    p_adjusted = families.adjusted(question.finding_id)
    reached = verdict(tested.p_value, tested.r)
    estimates = tuple(
        replace(e, verdict=verdict(e.p_value, e.estimate))
        if e.role in (Role.PRIMARY, Role.SENSITIVITY) and e.p_value is not None and e.estimate is not None
        else e
        for e in tested.estimates
    )
    without_two = next(e for e in estimates if e.method == "without_two_most_influential")
    checks = rules.Checks(
        permutation_p=tested.p_value,
        same_without_two=None if without_two.declined else without_two.verdict == reached,
    )
    missing = question.n_start - int(question.complete.sum())
    note = None
    if missing:
        note = (
            f"{missing} of {question.n_start} with both scores at {question.wave_from} lacked one at {question.wave_to}"
        )
    finding = Finding(
        finding_id=question.finding_id,
        design=question.design,
        outcome=question.outcome.scale,
        predictor=question.predictor.scale,
        population=question.population,
        estimand=ESTIMAND,
        estimates=estimates,
        contrast=question.contrast,
        n_start=question.n_start,
        verdict=reached,
        certainty=_certainty(reached, p_adjusted, tested.p_value, checks, plan.alpha),
        exploratory=question.exploratory,
        note=note,
    )
    return families.placed(finding)


def _certainty(
    verdict: AssociationVerdict, p_adjusted: float | None, p_value: float, checks: rules.Checks, alpha: float
) -> Certainty:
    return rules.certainty(verdict, p_value if p_adjusted is None else p_adjusted, checks, alpha)
