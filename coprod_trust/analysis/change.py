"""Did trust change? One question a scale, contrast and population (design A1), by several methods.

The primary method is the mixed model of everybody scored at the first wave; where it declines, the paired t-test of the
people with both scores stands in, and the finding says so. The verdict and its sensitivity analyses follow from
``Tested.deciding``, whichever method that came from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import clusters, detectable, mixed_model, paired, paired_estimates, rules, sensitivity
from coprod_trust.analysis.baseline import Columns
from coprod_trust.analysis.design import Answer, BetweenWaves, OfQuestion, Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role, Verdict
from coprod_trust.analysis.multiplicity import Families, family_of
from coprod_trust.analysis.seeds import generator, resamples
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]

PRIMARY = mixed_model.METHOD
ESTIMAND = "mean change within persons, of those with a score at the first wave, also if they left"
ESTIMAND_ASKED_AGAIN = (
    "mean change within persons, of those to be asked again with a score at the first wave, also if they left"
)
ESTIMAND_LINKED = "mean change within persons, of those who are in more than one wave"
ESTIMAND_COMPLETERS = "mean change within persons, of those with a score at both waves"


@dataclass(frozen=True)
class Question(BetweenWaves):
    """What is asked, and the data that answer it; ``start`` and ``end`` are aligned, NaN where there is no score.

    ``auxiliary`` is what leaving may go with beside the starting score, ``between`` people x the waves between the two;
    ``model`` is fitted to the same people, None where there is none. ``look``: how many times change since the first
    wave has been asked for with this one, and how many times the study will ask; None where it is asked once.
    ``aside``: how many people with a starting score were not followed, and are not among these, in words.
    """

    scale: str
    wave_from: str
    wave_to: str
    population: str
    suffix: str
    start: Floats
    end: Floats
    exploratory: bool
    first_wave: bool
    reliable_sd: float | None = None
    declined: str | None = None
    flagged: NDArray[np.bool_] | None = None
    auxiliary: Columns | None = None
    between: Floats | None = None
    design: str = "A1"
    look: tuple[int, int] | None = None
    model: mixed_model.Fit | None = None
    teams: NDArray[np.intp] | None = None
    aside: str | None = None
    estimand: str = ESTIMAND

    @property
    def about(self) -> str:
        return f"change.{self.scale}"

    @property
    def ends(self) -> tuple[str, str]:
        return self.wave_from, self.wave_to

    @property
    def stayed(self) -> NDArray[np.bool_]:
        return ~(np.isnan(self.start) | np.isnan(self.end))

    @property
    def left(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.start) & np.isnan(self.end)

    @property
    def starters(self) -> sensitivity.Starters:
        """Everybody with a starting score, with what is known of those who left."""
        started = ~np.isnan(self.start)
        own = Columns((self.scale,), self.start[started, None], np.zeros((int(started.sum()), 1), dtype=bool))
        between = np.empty((len(self.start), 0)) if self.between is None else self.between
        return sensitivity.Starters(
            own if self.auxiliary is None else own.and_(self.auxiliary.of(started)),
            between[started],
            self.start[started],
            np.round(self.end[started] - self.start[started], 9),
        )


@dataclass(frozen=True)
class Deciding:
    """The figures of the primary method that decide the verdict, and the means that they part."""

    estimate: float
    p_value: float
    ci95: rules.Interval
    ci90: rules.Interval
    mean_from: float
    mean_to: float


@dataclass(frozen=True)
class Tested(OfQuestion):
    """A question with everything that does not depend on the other members of its family."""

    question: Question
    test: paired.PairedT
    flip: paired.SignFlip
    deciding: Deciding
    estimates: tuple[Estimate, ...]
    again: tuple[sensitivity.Again, ...]

    @property
    def p_value(self) -> float:
        return self.deciding.p_value

    def finding(self, families: Families) -> Finding:
        """Verdict, certainty and sensitivity analyses, with p adjusted in the family."""
        return finish(self, families)


def answer(question: Question, plan: Plan, extra: tuple[Estimate, ...] = ()) -> Answer:
    """The question tested, or declined. ``extra`` holds estimates of models fitted elsewhere."""
    reason = why_declined(question)
    if reason is not None:
        return Plain(declined_finding(question, reason), question.name, question.slot)
    return test_question(question, plan, extra)


def declined_finding(question: Question, reason: str) -> Finding:
    """A question that could not be answered, and why."""
    return Finding(
        finding_id=question.finding_id,
        design=question.design,
        outcome=question.scale,
        population=question.population,
        estimand=question.estimand,
        estimates=(Estimate(PRIMARY, Role.PRIMARY, n=int(question.stayed.sum()), declined=reason),),
        contrast=question.contrast,
        n_start=int((~np.isnan(question.start)).sum()),
        exploratory=question.exploratory,
        declined=reason,
    )


def why_declined(question: Question) -> str | None:
    """Why the question is not answered, or None."""
    return question.declined or rules.PAIRED_TEST.declines(int(question.stayed.sum()))


def test_question(question: Question, plan: Plan, extra: tuple[Estimate, ...] = ()) -> Tested:
    """Everything about one question but what needs its family. ``extra`` holds estimates of models fitted elsewhere."""
    change = paired.differences(question.start, question.end)
    test = paired.paired_t(change)
    drawn = resamples(plan.permutations, len(change))
    flip = paired.sign_flip(change, drawn, generator(plan.seed, question.finding_id, "sign_flip"))
    both = question.stayed
    beside = paired_estimates.estimates(question.start[both], question.end[both], change, test, flip)
    marked = np.zeros_like(both) if question.flagged is None else question.flagged
    model, waves = question.model, (question.wave_from, question.wave_to)
    found = "there is no mixed model of these waves" if model is None else model.change(*waves)
    if model is None or isinstance(found, str):
        standing_in = f"the mixed model was not used ({found}): the paired test stands in for it" if model else None
        first = paired_estimates.paired_t(test, flip, Role.PRIMARY)
        return Tested(
            question,
            test,
            flip,
            _decide(question, test, flip),
            (
                replace(first, note="; ".join(p for p in (first.note, standing_in) if p) or None),
                *beside,
                paired_estimates.equivalence(change, test, plan.equivalence_bound),
                *_detectable(test, None if test.constant else (test.std_error, test.df, test.sd), question, plan),
                *extra,
            ),
            sensitivity.paired_again(change, marked[both]),
        )
    return Tested(
        question,
        test,
        flip,
        Deciding(found.estimate, found.p_value, found.ci95, found.ci90, found.mean_from, found.mean_to),
        (
            model.contrast(*waves, Role.PRIMARY),
            paired_estimates.paired_t(test, flip, Role.SECONDARY),
            *beside,
            paired_estimates.equivalence_of_model(found, model.n, plan.equivalence_bound),
            *_detectable(test, (found.std_error, found.df, found.sd), question, plan),
            *extra,
        ),
        sensitivity.model_again(model, *waves, marked),
    )


def _detectable(
    test: paired.PairedT, spread: tuple[float, float, float] | None, question: Question, plan: Plan
) -> tuple[Estimate, ...]:
    """The smallest change that the deciding test would find; ``spread``: its standard error, df and SD of change."""
    if spread is None:
        return ()
    return (detectable.change(test.n, *spread, plan, family_of(plan, question.name)),)


def _decide(question: Question, test: paired.PairedT, flip: paired.SignFlip) -> Deciding:
    """The paired t-test decides; where everybody changed alike it has no p, and that of the sign-flip test is taken."""
    p_value = flip.p_mean if test.p_value is None else test.p_value
    means = (float(scores[question.stayed].mean()) for scores in (question.start, question.end))
    return Deciding(test.mean, p_value, test.ci95, test.ci90, *means)


def finish(tested: Tested, families: Families) -> Finding:
    """Verdict, certainty and sensitivity analyses, with p adjusted in the family."""
    question, plan = tested.question, families.plan

    def verdict(p_value: float, ci95: rules.Interval, ci90: rules.Interval) -> Verdict:
        adjusted = families.adjusted(question.finding_id, instead=p_value)
        p = p_value if adjusted is None else adjusted
        return rules.verdict_on_change(p, ci95, ci90, plan.equivalence_bound, plan.alpha)

    p_adjusted = families.adjusted(question.finding_id)
    deciding = tested.deciding
    reached = verdict(deciding.p_value, deciding.ci95, deciding.ci90)
    change = paired.differences(question.start, question.end)
    without = tuple(a.concluded(verdict) for a in tested.again)
    in_teams: tuple[Estimate, ...] = ()
    if question.teams is not None:
        in_teams = clusters.widened(tested.estimates[0], change, question.teams[question.stayed], verdict)
    rng = generator(plan.seed, question.finding_id, sensitivity.IMPUTED)
    of_leavers = sensitivity.leavers(question.starters, deciding.estimate, reached, verdict, rng)
    of_stayers = sensitivity.stayers(question.starters, verdict) if plan.analyses == "full" else ()
    checks = rules.Checks(
        permutation_p=tested.flip.p_mean,
        same_without_two=_same(without[0], reached),
        tipping_at_least_one_sd=_tipping_holds(of_leavers[1], tested.test.sd) if of_leavers else True,
        same_after_imputation=_same(of_leavers[0], reached) if of_leavers else True,
    )
    finding = Finding(
        finding_id=question.finding_id,
        design=question.design,
        outcome=question.scale,
        population=question.population,
        estimand=question.estimand if tested.estimates[0].method == PRIMARY else ESTIMAND_COMPLETERS,
        estimates=(
            replace(tested.estimates[0], verdict=reached),
            *tested.estimates[1:],
            *without,
            *in_teams,
            *of_leavers,
            *of_stayers,
        ),
        contrast=question.contrast,
        n_start=int((~np.isnan(question.start)).sum()),
        verdict=reached,
        certainty=rules.certainty(reached, deciding.p_value if p_adjusted is None else p_adjusted, checks, plan.alpha),
        exploratory=question.exploratory,
        n=int(question.stayed.sum()),
        mean_from=deciding.mean_from,
        mean_to=deciding.mean_to,
        n_fell=int((change < 0).sum()),
        n_rose=int((change > 0).sum()),
        n_fell_reliably=_beyond_error(-change, question.reliable_sd),
        n_rose_reliably=_beyond_error(change, question.reliable_sd),
    )
    return families.placed(finding.with_(note=_note(question, finding)))


def _beyond_error(change: Floats, reliable_sd: float | None) -> int | None:
    """How many changed upwards by more than measurement error would explain."""
    return None if reliable_sd is None else int((change > rules.RELIABLE_CHANGE_CRITERION * reliable_sd).sum())


def _note(question: Question, finding: Finding) -> str | None:
    """Who was dropped, and by which sensitivity analysis the verdict would be another."""
    left = int(question.left.sum())
    joined = int((np.isnan(question.start) & ~np.isnan(question.end)).sum())
    parts = [finding.primary.note] if finding.primary.note else []
    if left:
        parts.append(f"{left} of {finding.n_start} with a score at {question.wave_from} had none at {question.wave_to}")
    if question.look is not None:
        interim = "interim " if question.look[0] < question.look[1] else ""
        parts.append(
            f"{interim}look {question.look[0]} of {question.look[1]} at this question; p is not adjusted for looks"
        )
    if question.aside:
        parts.append(question.aside)
    if joined:
        parts.append(f"left out: {joined} with a score at {question.wave_to} and none at {question.wave_from}")
    parts += [
        f"{sensitivity.IN_WORDS[e.method]}: {e.verdict}"
        for e in finding.estimates
        if e.method in rules.disagreeing(finding)
    ]
    return "; ".join(parts) or None


def _tipping_holds(tipping: Estimate, sd: float) -> bool | None:
    return None if tipping.declined else rules.tipping_at_least_one_sd(tipping.estimate, sd)


def _same(estimate: Estimate, verdict: Verdict) -> bool | None:
    return None if estimate.declined else estimate.verdict == verdict
