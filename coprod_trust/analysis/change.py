"""Did trust change? One question a scale, contrast and population (design A1), by several methods.

The primary method is named in one place, ``PRIMARY``: the paired t-test of the people with both scores. The verdict
and all sensitivity analyses follow from the figures of the primary estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import effect_size, imputation, paired, rules
from coprod_trust.analysis.finding import Estimate, Finding, Role, Verdict
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.analysis.seeds import generator, resamples
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]
_VerdictOf = Callable[[float, rules.Interval, rules.Interval], Verdict]

PRIMARY = "paired_t"
ESTIMAND = "mean change within persons, of those with a score at both waves"
ESTIMAND_ALL = "mean change within persons, of all who had a score at the first of the two waves"


@dataclass(frozen=True)
class Question:
    """What is asked, and the data that answer it; ``start`` and ``end`` are aligned, NaN where there is no score."""

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

    @property
    def contrast(self) -> str:
        return f"{self.wave_from}-{self.wave_to}"

    @property
    def name(self) -> str:
        """The question without its contrast, as families list it."""
        return f"change.{self.scale}{self.suffix}"

    @property
    def finding_id(self) -> str:
        return f"change.{self.scale}.{self.contrast}{self.suffix}"

    @property
    def slot(self) -> str:
        """Tests that are adjusted together: all from a scale's first wave to the same later one, else by contrast."""
        return f"to {self.wave_to}" if self.first_wave else self.contrast

    @property
    def stayed(self) -> NDArray[np.bool_]:
        return ~(np.isnan(self.start) | np.isnan(self.end))

    @property
    def left(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.start) & np.isnan(self.end)


@dataclass(frozen=True)
class Tested:
    """A question with everything that does not depend on the other members of its family."""

    question: Question
    test: paired.PairedT
    flip: paired.SignFlip
    estimates: tuple[Estimate, ...]

    @property
    def p_value(self) -> float:
        """The p of the primary method; where nothing varies, of the sign-flip test."""
        return self.flip.p_mean if self.test.p_value is None else self.test.p_value


def declined_finding(question: Question, reason: str) -> Finding:
    """A question that could not be answered, and why."""
    return Finding(
        finding_id=question.finding_id,
        design="A1",
        outcome=question.scale,
        population=question.population,
        estimand=ESTIMAND,
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
    estimates = (
        _primary(question, test, flip),
        *_effects(question, test),
        _wilcoxon(change, flip),
        _sign_flip(test, flip),
        _equivalence(change, test, plan),
        _bayes(test),
        *extra,
    )
    return Tested(question, test, flip, estimates)


def _primary(question: Question, test: paired.PairedT, flip: paired.SignFlip) -> Estimate:
    d_z = effect_size.cohen_d_z(test.mean, test.sd, test.n)
    if test.t is None:
        return Estimate(
            PRIMARY,
            Role.PRIMARY,
            n=test.n,
            estimate=test.mean,
            p_value=flip.p_mean,
            ci_level=None,
            note=f"everybody changed by exactly {test.mean:g} points, so there is no variation to compute t or an "
            "interval from; p is that of the sign-flip test",
        )
    return Estimate(
        PRIMARY,
        Role.PRIMARY,
        n=test.n,
        estimate=test.mean,
        std_error=test.std_error,
        df=test.df,
        df_method="n - 1",
        statistic_name="t",
        statistic=test.t,
        p_value=test.p_value,
        ci_low=test.ci95[0],
        ci_high=test.ci95[1],
        effect_name=d_z.name,
        effect_size=d_z.value,
        effect_ci_low=d_z.ci_low,
        effect_ci_high=d_z.ci_high,
    )


def _effects(question: Question, test: paired.PairedT) -> tuple[Estimate, ...]:
    if test.constant:
        return ()
    start, end = question.start[question.stayed], question.end[question.stayed]
    sd_from, sd_to = float(start.std(ddof=1)), float(end.std(ddof=1))
    # Where one wave has no spread there is no correlation; its covariance is 0, which is all that is used of it.
    r = float(np.corrcoef(start, end)[0, 1]) if sd_from > 0 and sd_to > 0 else 0.0
    d_z = effect_size.cohen_d_z(test.mean, test.sd, test.n)
    effects = (
        effect_size.cohen_d_av(test.mean, sd_from, sd_to, r, test.n),
        effect_size.hedges_g(d_z, test.n),
    )
    return tuple(
        Estimate(
            e.name,
            Role.SECONDARY,
            n=test.n,
            effect_name=e.name,
            effect_size=e.value,
            effect_ci_low=e.ci_low,
            effect_ci_high=e.ci_high,
        )
        for e in effects
        if e.value is not None
    )


def _wilcoxon(change: Floats, flip: paired.SignFlip) -> Estimate:
    ranks = paired.signed_ranks(change)
    if ranks.n_nonzero == 0:
        return Estimate("wilcoxon", Role.CHECK, n=len(change), declined="nobody's score changed")
    rb = effect_size.rank_biserial(ranks.positive, ranks.negative, ranks.n_nonzero)
    zeros = len(change) - ranks.n_nonzero
    return Estimate(
        "wilcoxon",
        Role.CHECK,
        n=len(change),
        statistic_name="W",
        statistic=ranks.positive,
        p_value=flip.p_ranks,
        effect_name=rb.name,
        effect_size=rb.value,
        effect_ci_low=rb.ci_low,
        effect_ci_high=rb.ci_high,
        note=f"{_how(flip)}; {zeros} without change dropped from the ranks" if zeros else _how(flip),
    )


def _sign_flip(test: paired.PairedT, flip: paired.SignFlip) -> Estimate:
    return Estimate(
        "sign_flip", Role.CHECK, n=test.n, estimate=test.mean, p_value=flip.p_mean, ci_level=None, note=_how(flip)
    )


def _how(flip: paired.SignFlip) -> str:
    if flip.resamples is None:
        return "p exact, over all patterns of signs"
    return f"p from {flip.resamples} random patterns of signs"


def _equivalence(change: Floats, test: paired.PairedT, plan: Plan) -> Estimate:
    bound = plan.equivalence_bound
    if test.constant:
        return Estimate("tost", Role.SECONDARY, n=test.n, declined="there is no variation to test with")
    return Estimate(
        "tost",
        Role.SECONDARY,
        n=test.n,
        estimate=test.mean,
        std_error=test.std_error,
        df=test.df,
        df_method="n - 1",
        p_value=paired.equivalence_p(change, bound),
        ci_low=test.ci90[0],
        ci_high=test.ci90[1],
        ci_level=0.90,
        note=f"two one-sided tests against -{bound:g} and +{bound:g} points",
    )


def _bayes(test: paired.PairedT) -> Estimate:
    if test.t is None:
        return Estimate("bayes_factor", Role.SECONDARY, n=test.n, declined="there is no variation to test with")
    return Estimate(
        "bayes_factor",
        Role.SECONDARY,
        n=test.n,
        ci_level=None,
        effect_name="BF10",
        effect_size=paired.bayes_factor(test.t, test.n),
        note="JZS Bayes factor for a change against none, Cauchy prior of scale 0.707",
    )


def finish(tested: Tested, families: Families, plan: Plan) -> Finding:
    """Verdict, certainty and sensitivity analyses, with p adjusted in the family."""
    question, test = tested.question, tested.test

    def verdict(p_value: float, ci95: rules.Interval, ci90: rules.Interval) -> Verdict:
        adjusted = families.adjusted(question.finding_id, instead=p_value)
        p = p_value if adjusted is None else adjusted
        return rules.verdict_on_change(p, ci95, ci90, plan.equivalence_bound, plan.alpha)

    p_adjusted = families.adjusted(question.finding_id)
    p_for_rules = tested.p_value if p_adjusted is None else p_adjusted
    reached = verdict(tested.p_value, test.ci95, test.ci90)
    change = paired.differences(question.start, question.end)
    without_two = _without_two(change, verdict)
    imputed, tipping = _leavers(question, plan, reached, test, verdict)
    sensitivity = tuple(e for e in (without_two, imputed, tipping) if e is not None)
    nobody_left = not question.left.any()
    checks = rules.Checks(
        permutation_p=tested.flip.p_mean,
        same_without_two=None if without_two.declined else without_two.verdict == reached,
        tipping_at_least_one_sd=_tipping_check(tipping, test.sd, nobody_left),
        same_after_imputation=True if nobody_left else _same(imputed, reached),
    )
    stayed = question.stayed
    family = families.family(question.finding_id)
    return Finding(
        finding_id=question.finding_id,
        design="A1",
        outcome=question.scale,
        population=question.population,
        estimand=ESTIMAND,
        estimates=(replace(tested.estimates[0], verdict=reached), *tested.estimates[1:], *sensitivity),
        contrast=question.contrast,
        family=family.id if family else None,
        n_start=int((~np.isnan(question.start)).sum()),
        p_adjusted=p_adjusted,
        verdict=reached,
        certainty=rules.certainty(reached, p_for_rules, checks, plan.alpha),
        exploratory=question.exploratory,
        mean_from=float(question.start[stayed].mean()),
        mean_to=float(question.end[stayed].mean()),
        n_fell=int((change < 0).sum()),
        n_rose=int((change > 0).sum()),
        n_fell_reliably=_beyond_error(-change, question.reliable_sd),
        n_rose_reliably=_beyond_error(change, question.reliable_sd),
        note=_note(question, tested.estimates[0].note),
    )


def _beyond_error(change: Floats, reliable_sd: float | None) -> int | None:
    """How many changed upwards by more than measurement error would explain."""
    return None if reliable_sd is None else int((change > rules.RELIABLE_CHANGE_CRITERION * reliable_sd).sum())


def _note(question: Question, of_primary: str | None) -> str | None:
    left = int(question.left.sum())
    joined = int((np.isnan(question.start) & ~np.isnan(question.end)).sum())
    started = int((~np.isnan(question.start)).sum())
    parts = [of_primary] if of_primary else []
    if left:
        parts.append(f"{left} of {started} with a score at {question.wave_from} had none at {question.wave_to}")
    if joined:
        parts.append(f"{joined} with a score at {question.wave_to} had none at {question.wave_from} and are left out")
    return "; ".join(parts) or None


def _without_two(change: Floats, verdict: _VerdictOf) -> Estimate:
    method = "without_two_most_influential"
    rest = np.delete(change, paired.most_influential(change))
    too_few = rules.PAIRED_TEST.declines(len(rest))
    if too_few:
        return Estimate(method, Role.SENSITIVITY, n=len(rest), declined=too_few)
    test = paired.paired_t(rest)
    if test.t is None or test.p_value is None:
        return Estimate(
            method, Role.SENSITIVITY, n=test.n, estimate=test.mean, declined="the others all changed by the same amount"
        )
    return Estimate(
        method,
        Role.SENSITIVITY,
        n=test.n,
        estimate=test.mean,
        std_error=test.std_error,
        df=test.df,
        df_method="n - 1",
        statistic_name="t",
        statistic=test.t,
        p_value=test.p_value,
        ci_low=test.ci95[0],
        ci_high=test.ci95[1],
        verdict=verdict(test.p_value, test.ci95, test.ci90),
        note="the two people whose change lies farthest from the mean left out",
    )


def _leavers(
    question: Question, plan: Plan, reached: Verdict, test: paired.PairedT, verdict: _VerdictOf
) -> tuple[Estimate | None, Estimate | None]:
    """The estimate with those who left imputed, and the tipping point; None where nobody left."""
    left = int(question.left.sum())
    if left == 0:
        return None, None
    imputed, tipping = "multiple_imputation", "tipping_point"
    too_few = rules.MIXED_MODEL.declines(test.n)
    if too_few is None and test.constant:
        too_few = "everybody who stayed changed by the same amount"
    if too_few:
        reason = f"those who left cannot be imputed: {too_few}"
        return (
            Estimate(imputed, Role.SENSITIVITY, declined=reason),
            Estimate(tipping, Role.SENSITIVITY, declined=reason),
        )
    change = paired.differences(question.start, question.end)
    rng = generator(plan.seed, question.finding_id, imputed)
    drawn = imputation.impute_change(question.start[question.stayed], change, question.start[question.left], rng)
    base = imputation.pool(change, drawn)
    first = Estimate(
        imputed,
        Role.SENSITIVITY,
        n=test.n + left,
        estimate=base.estimate,
        std_error=base.std_error,
        df=base.df,
        df_method="Barnard-Rubin",
        statistic_name="t",
        statistic=base.estimate / base.std_error,
        p_value=base.p_value,
        ci_low=base.ci95[0],
        ci_high=base.ci95[1],
        verdict=verdict(base.p_value, base.ci95, base.ci90),
        note=f"{ESTIMAND_ALL}; {left} who left imputed {imputation.IMPUTATIONS} times from stayers with a similar "
        "starting score",
    )
    shifts = rules.tipping_shifts(test.mean, reached)
    if not shifts:
        reason = "an inconclusive finding has no conclusion to overturn"
        return first, Estimate(tipping, Role.SENSITIVITY, n=test.n + left, declined=reason)
    for shift in shifts:
        moved = imputation.pool(change, drawn, shift)
        if verdict(moved.p_value, moved.ci95, moved.ci90) != reached:
            return first, _tipping_estimate(test.n + left, shift)
    return first, _tipping_estimate(test.n + left, None)


def _tipping_estimate(n: int, shift: float | None) -> Estimate:
    if shift is None:
        note = f"the verdict holds even if those who left scored {rules.TIPPING_LIMIT:g} points differently"
    elif shift == 0:
        note = "the verdict already differs when those who left are imputed from similar stayers"
    else:
        which = "higher" if shift > 0 else "lower"
        note = f"the verdict changes if those who left scored {abs(shift):g} points {which} than similar stayers"
    return Estimate("tipping_point", Role.SENSITIVITY, n=n, estimate=shift, ci_level=None, note=note)


def _tipping_check(tipping: Estimate | None, sd: float, nobody_left: bool) -> bool | None:
    if nobody_left:
        return True
    if tipping is None or tipping.declined:
        return None
    return rules.tipping_at_least_one_sd(tipping.estimate, sd)


def _same(estimate: Estimate | None, verdict: Verdict) -> bool | None:
    return None if estimate is None or estimate.declined else estimate.verdict == verdict
