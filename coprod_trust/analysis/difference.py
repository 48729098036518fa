"""Did those who take part change differently from another group that was followed? (design A12)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import mixed_model, paired, rules, selection
from coprod_trust.analysis.data import DEFAULT_POPULATION
from coprod_trust.analysis.design import Answer, BetweenWaves, Plain
from coprod_trust.analysis.finding import DifferenceVerdict, Estimate, Finding, Role, of_contrast
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PRIMARY = "did_mixed_model"
WELCH = "did_welch"
LEE = "lee_bounds"
ESTIMAND = "change of those who take part less that of {other}, of all with a score at the first of the two waves"
NOT_FOLLOWED = (
    "nobody of the comparison group was scored at both waves, so nothing tells what would have happened elsewhere"
)
PARALLEL = (
    "that both groups would have moved in parallel is assumed; with no wave before the first that cannot be looked at"
)
_PARTICIPANT = "participant"


@dataclass(frozen=True)
class Question(BetweenWaves):
    """Scores of both groups at the two waves, NaN where there is none; ``participant`` says who takes part.

    ``suffix`` tells several other groups apart: it is empty where there is one.
    """

    scale: str
    wave_from: str
    wave_to: str
    other_label: str
    start: Floats
    end: Floats
    participant: Bools
    exploratory: bool
    suffix: str = ""
    declined: str | None = None

    @property
    def about(self) -> str:
        return f"difference_in_differences.{self.scale}"

    @property
    def ends(self) -> tuple[str, str]:
        return self.wave_from, self.wave_to

    @property
    def followed(self) -> tuple[int, int]:
        """People with both scores: of those who take part, and of the others."""
        both = ~(np.isnan(self.start) | np.isnan(self.end))
        return int((both & self.participant).sum()), int((both & ~self.participant).sum())


def why_declined(question: Question) -> str | None:
    """Why the question is not answered, or None."""
    if question.declined:
        return question.declined
    if question.followed[1] == 0:
        return NOT_FOLLOWED
    return rules.DIFFERENCE_IN_DIFFERENCES.declines(min(question.followed))


def answer(question: Question, plan: Plan) -> Answer:
    """The question tested, or declined."""
    reason = why_declined(question)
    estimates = (
        (Estimate(PRIMARY, Role.PRIMARY, n=sum(question.followed), declined=reason),)
        if reason
        else (by_model(question), by_changes(question), lee_bounds(question))
    )
    draft = Finding(
        finding_id=question.finding_id,
        design="A12",
        outcome=question.scale,
        predictor="study_group",
        population=DEFAULT_POPULATION,
        estimand=ESTIMAND.format(other=question.other_label),
        estimates=estimates,
        contrast=question.contrast,
        n_start=int((~np.isnan(question.start)).sum()),
        exploratory=question.exploratory,
        declined=estimates[0].declined,
        note=None if reason else _note(question),
    )
    return Plain(draft, question.name, question.slot, lambda found: _concluded(found, question, plan.alpha))


def _note(question: Question) -> str:
    own, other = question.followed
    return f"followed: {own} participants and {other} {question.other_label}; {PARALLEL}"


def _concluded(found: Finding, question: Question, alpha: float) -> Finding:
    if found.declined:
        return found
    own = found.primary.p_value

    def verdict(p: float | None) -> DifferenceVerdict:
        return rules.verdict_on_difference_in_differences(p, min(question.followed), alpha)

    return found.with_(verdict=verdict(own if found.p_adjusted is None else found.p_adjusted))


def by_model(question: Question) -> Estimate:
    """Wave by group of the mixed-effects engine on all with a starting score, Kenward-Roger.

    The covariance over the two waves is the same in both groups; on complete data this is the pooled t-test of the
    changes.
    """
    from coprod_trust.mixed import Panel

    started = ~np.isnan(question.start)
    scores = np.column_stack([question.start, question.end])[started]
    member = question.participant[started].astype(float)[:, None]
    panel = Panel.from_matrix(scores, (question.wave_from, question.wave_to), member, (_PARTICIPANT,))
    n = len(scores)
    fit = mixed_model.engine_fit(panel, f"wave * {_PARTICIPANT}")
    if isinstance(fit, str):
        return Estimate(PRIMARY, Role.PRIMARY, n=n, declined=fit)
    row = fit.contrast({f"wave[T.{question.wave_to}]:{_PARTICIPANT}": 1.0}, df="kenward-roger")
    note = (
        f"{mixed_model.covariance_in_words(fit)} covariance, the same in both groups; all with a score at "
        f"{question.wave_from}"
    )
    return of_contrast(PRIMARY, Role.PRIMARY, n, row, note)


def by_changes(question: Question) -> Estimate:
    """Welch's t-test of the changes of those with both scores, and Hedges g."""
    change = np.round(question.end - question.start, 9)
    known = ~np.isnan(change)
    own, other = change[known & question.participant], change[known & ~question.participant]
    if np.ptp(own) == 0 and np.ptp(other) == 0:
        return Estimate(WELCH, Role.SECONDARY, n=len(own) + len(other), declined="neither group's changes vary")
    test, g = selection.welch(own, other), selection.hedges_g(own, other)
    return Estimate(
        WELCH,
        Role.SECONDARY,
        n=len(own) + len(other),
        estimate=test.difference,
        std_error=test.std_error,
        df=test.df,
        df_method="Welch-Satterthwaite",
        statistic_name="t",
        statistic=test.t,
        p_value=test.p_value,
        ci_low=test.ci[0],
        ci_high=test.ci[1],
        effect_name=g.name,
        effect_size=g.value,
        effect_ci_low=g.ci_low,
        effect_ci_high=g.ci_high,
        note=f"changes of {paired.paired_t(own).mean:.1f} points ({len(own)} people) and "
        f"{paired.paired_t(other).mean:.1f} points ({len(other)} people)",
    )


def lee_bounds(question: Question) -> Estimate:
    """Bounds on the difference of the changes where one group was followed more completely (Lee 2009).

    From the group of which the larger share was followed, the excess share is trimmed at the top, then at the bottom:
    the bounds hold if nobody would have been lost from that group who would have been followed in the other (Review of
    Economic Studies 76, 1071-1102).
    """
    started = ~np.isnan(question.start)
    change = np.round(question.end - question.start, 9)
    groups = [started & member for member in (question.participant, ~question.participant)]
    shares = [float((~np.isnan(change[g])).mean()) for g in groups]
    sorted_changes = [np.sort(change[g & ~np.isnan(change)]) for g in groups]
    more = int(shares[1] > shares[0])
    excess = 1 - shares[1 - more] / shares[more]
    trimmed = sorted_changes[more]
    kept = [_mean_without(trimmed[::-1], excess), _mean_without(trimmed, excess)]
    other = float(sorted_changes[1 - more].mean())
    ends = sorted(k - other if more == 0 else other - k for k in kept)
    return Estimate(
        LEE,
        Role.SENSITIVITY,
        n=int(started.sum()),
        ci_low=ends[0],
        ci_high=ends[1],
        ci_level=None,
        note=f"{100 * excess:.0f}% of the more completely followed group trimmed from either end, for the people who "
        "would have been followed in either group; no sampling error is added",
    )


def _mean_without(values: Floats, share: float) -> float:
    """Mean without the first ``share`` of the values, the value at the edge counted in part."""
    n = len(values)
    kept = np.clip(np.arange(1, n + 1) - share * n, 0, 1)
    return float((values * kept).sum() / kept.sum())
