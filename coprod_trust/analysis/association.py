"""Do changes in one trust go with changes in another? One question a pair of scales and contrast (design A2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import correlation, disattenuation, rules
from coprod_trust.analysis.finding import AssociationVerdict, Certainty, Estimate, Finding, Role
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.analysis.seeds import generator, resamples
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]

PRIMARY = "pearson_r"
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
class Question:
    """Does change in ``predictor`` go with change in ``outcome``? ``others`` are outcomes it is compared with."""

    predictor: Scores
    outcome: Scores
    others: tuple[Scores, ...]
    wave_from: str
    wave_to: str
    population: str
    exploratory: bool
    first_wave: bool
    declined: str | None = None

    @property
    def contrast(self) -> str:
        return f"{self.wave_from}-{self.wave_to}"

    @property
    def name(self) -> str:
        """The question without its contrast, as families list it."""
        return f"association.{self.predictor.scale}-{self.outcome.scale}"

    @property
    def finding_id(self) -> str:
        return f"{self.name}.{self.contrast}"

    @property
    def slot(self) -> str:
        return f"to {self.wave_to}" if self.first_wave else self.contrast

    @property
    def complete(self) -> NDArray[np.bool_]:
        return ~(np.isnan(self.predictor.change) | np.isnan(self.outcome.change))

    @property
    def n_start(self) -> int:
        return int((~(np.isnan(self.predictor.start) | np.isnan(self.outcome.start))).sum())


@dataclass(frozen=True)
class Tested:
    """A question with everything that does not depend on the other members of its family."""

    question: Question
    r: float
    p_value: float
    estimates: tuple[Estimate, ...]


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
        design="A2",
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
    complete = question.complete
    x, y = question.predictor.change[complete], question.outcome.change[complete]
    n = len(x)
    drawn = resamples(plan.permutations, n)

    def rng(purpose: str) -> np.random.Generator:
        return generator(plan.seed, question.finding_id, purpose)

    r = correlation.pearson(x, y)
    p = correlation.permutation_p(x, y, drawn, rng("permutation"))
    interval = correlation.pearson_interval(x, y, resamples(plan.bootstraps, n), rng("bootstrap"))
    primary = Estimate(
        PRIMARY,
        Role.PRIMARY,
        n=n,
        estimate=r,
        statistic_name="r",
        statistic=r,
        p_value=p,
        ci_low=interval[0] if interval else None,
        ci_high=interval[1] if interval else None,
        effect_name="r",
        effect_size=r,
        effect_ci_low=interval[0] if interval else None,
        effect_ci_high=interval[1] if interval else None,
        note=f"{_how(n, drawn)}; {_how_interval(n, resamples(plan.bootstraps, n), interval is not None)}",
    )
    slope, cooks = _slope(question, x, y, drawn, rng("freedman_lane"))
    estimates = (primary, slope, _spearman(x, y, drawn, rng("spearman")), _parametric(r, n), *_comparisons(question))
    estimates = (*estimates, _disattenuated(question, plan, rng("disattenuation")))
    return Tested(question, r, p, (*estimates, *_without(x, y, cooks, drawn, rng)))


def _how(n: int, drawn: int) -> str:
    if n > correlation.LARGE:
        return "p from the normal limit of the permutation distribution"
    return f"p from {drawn} permutations"


def _how_interval(n: int, drawn: int, found: bool) -> str:
    if not found:
        return "no interval: nearly all resamples give the same correlation"
    if n > correlation.LARGE:
        return "interval from each person's influence on Fisher's z"
    return f"BCa interval from {drawn} resamples"


def _slope(
    question: Question, x: Floats, y: Floats, drawn: int, rng: np.random.Generator
) -> tuple[Estimate, Floats | None]:
    """The adjusted slope, and each person's Cook's distance in it."""
    complete = question.complete
    starts = np.column_stack([question.predictor.start[complete], question.outcome.start[complete]])
    slope = correlation.adjusted_slope(x, y, starts, drawn, rng)
    if slope is None:
        reason = "the change cannot be told apart from the starting values"
        return Estimate("adjusted_slope", Role.SECONDARY, n=len(x), declined=reason), None
    return (
        Estimate(
            "adjusted_slope",
            Role.SECONDARY,
            n=len(x),
            estimate=slope.slope,
            std_error=slope.std_error,
            df=slope.df,
            df_method="n - k",
            statistic_name="t",
            statistic=slope.t,
            p_value=slope.p_value,
            ci_low=slope.ci_low,
            ci_high=slope.ci_high,
            note=f"points of change in {question.outcome.scale} a point of change in {question.predictor.scale}, "
            f"adjusted for both starting values; HC3 standard error; Freedman-Lane {_how(len(x), drawn)}",
        ),
        slope.cooks_distance,
    )


def _spearman(x: Floats, y: Floats, drawn: int, rng: np.random.Generator) -> Estimate:
    from scipy.stats import rankdata

    rx, ry = rankdata(x), rankdata(y)
    rho = correlation.pearson(rx, ry)
    p = correlation.permutation_p(rx, ry, drawn, rng)
    return Estimate(
        "spearman",
        Role.CHECK,
        n=len(x),
        estimate=rho,
        statistic_name="rho",
        statistic=rho,
        p_value=p,
        ci_level=None,
        note=_how(len(x), drawn),
    )


def _parametric(r: float, n: int) -> Estimate:
    """The t-test of r, as a check on the permutation p."""
    from scipy.special import stdtr

    if abs(r) >= 1:
        return Estimate("pearson_t", Role.CHECK, n=n, declined="the changes lie on a line")
    t = r * ((n - 2) / (1 - r**2)) ** 0.5
    half = 1.959963984540054 / (n - 3) ** 0.5
    return Estimate(
        "pearson_t",
        Role.CHECK,
        n=n,
        estimate=r,
        df=n - 2,
        df_method="n - 2",
        statistic_name="t",
        statistic=t,
        p_value=2 * float(stdtr(n - 2, -abs(t))),
        ci_low=float(np.tanh(np.arctanh(r) - half)),
        ci_high=float(np.tanh(np.arctanh(r) + half)),
        note="interval from Fisher's z",
    )


def _disattenuated(question: Question, plan: Plan, rng: np.random.Generator) -> Estimate:
    """r corrected for unreliability, with its reliabilities from the same people and bootstrapped with it."""
    cells = [(s.items_start, s.items_end) for s in (question.predictor, question.outcome)]
    arrays = [a for cell in cells for a in cell if a is not None]
    if len(arrays) < 4:
        return Estimate(disattenuation.METHOD, Role.SECONDARY, declined="the single items are not known")
    complete = question.complete & ~np.isnan(np.column_stack(arrays)).any(axis=1)
    x, y = ((arrays[i][complete], arrays[i + 1][complete]) for i in (0, 2))
    drawn = resamples(plan.bootstraps, int(complete.sum()))
    return disattenuation.estimate((question.predictor.scale, *x), (question.outcome.scale, *y), drawn, rng)


def _comparisons(question: Question) -> tuple[Estimate, ...]:
    """This correlation against that of the same predictor with each other outcome, of the people who have all three."""
    found = []
    for other in question.others:
        method = f"steiger_vs_{other.scale}"
        use = question.complete & ~np.isnan(other.change)
        n = int(use.sum())
        too_few = rules.ASSOCIATION.declines(n)
        if too_few:
            found.append(Estimate(method, Role.SECONDARY, n=n, declined=too_few))
            continue
        x, y, z = (s.change[use] for s in (question.predictor, question.outcome, other))
        if 0 in (np.ptp(x), np.ptp(y), np.ptp(z)):
            found.append(Estimate(method, Role.SECONDARY, n=n, declined="one of the changes does not vary"))
            continue
        compared = correlation.steiger(
            correlation.pearson(x, y), correlation.pearson(x, z), correlation.pearson(y, z), n
        )
        if compared is None:
            found.append(Estimate(method, Role.SECONDARY, n=n, declined="the changes lie on a line"))
            continue
        found.append(
            Estimate(
                method,
                Role.SECONDARY,
                n=n,
                estimate=compared.difference,
                statistic_name="z",
                statistic=compared.z,
                p_value=compared.p_value,
                ci_level=None,
                note=f"correlation of {question.predictor.scale} with {question.outcome.scale} less that with "
                f"{other.scale}; Steiger's z for dependent correlations",
            )
        )
    return tuple(found)


def _without(x: Floats, y: Floats, cooks: Floats | None, drawn: int, rng) -> tuple[Estimate, ...]:  # type: ignore[no-untyped-def]
    """r without the one and the two people of the largest Cook's distance; where that is not known, in y on x alone."""
    distance = cooks if cooks is not None else _cooks_simple(x, y)
    order = np.lexsort((-np.abs(y), -np.abs(x), -distance))
    found = []
    for k, method in ((1, "without_most_influential"), (2, "without_two_most_influential")):
        keep = np.delete(np.arange(len(x)), order[:k])
        too_few = rules.ASSOCIATION.declines(len(keep))
        if too_few is None and 0 in (np.ptp(x[keep]), np.ptp(y[keep])):
            too_few = "the changes of the others do not vary"
        if too_few:
            found.append(Estimate(method, Role.SENSITIVITY, n=len(keep), declined=too_few))
            continue
        r = correlation.pearson(x[keep], y[keep])
        p = correlation.permutation_p(x[keep], y[keep], drawn, rng(method))
        found.append(
            Estimate(
                method,
                Role.SENSITIVITY,
                n=len(keep),
                estimate=r,
                statistic_name="r",
                statistic=r,
                p_value=p,
                ci_level=None,
                note=f"{'the person' if k == 1 else 'the two people'} with the largest Cook's distance left out",
            )
        )
    return tuple(found)


def _cooks_simple(x: Floats, y: Floats) -> Floats:
    design = np.column_stack([np.ones_like(x), x])
    q = np.linalg.qr(design)[0]
    residual = y - q @ (q.T @ y)
    leverage = (q**2).sum(axis=1)
    return np.asarray(residual**2 * leverage / np.maximum(1 - leverage, 1e-12) ** 2)


def finish(tested: Tested, families: Families, plan: Plan) -> Finding:
    """Verdict and certainty, with p adjusted in the family."""
    question = tested.question

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
    family = families.family(question.finding_id)
    missing = question.n_start - int(question.complete.sum())
    note = None
    if missing:
        note = (
            f"{missing} of {question.n_start} with both scores at {question.wave_from} lacked one at {question.wave_to}"
        )
    return Finding(
        finding_id=question.finding_id,
        design="A2",
        outcome=question.outcome.scale,
        predictor=question.predictor.scale,
        population=question.population,
        estimand=ESTIMAND,
        estimates=estimates,
        contrast=question.contrast,
        family=family.id if family else None,
        n_start=question.n_start,
        p_adjusted=p_adjusted,
        verdict=reached,
        certainty=_certainty(reached, p_adjusted, tested.p_value, checks, plan.alpha),
        exploratory=question.exploratory,
        note=note,
    )


def _certainty(
    verdict: AssociationVerdict, p_adjusted: float | None, p_value: float, checks: rules.Checks, alpha: float
) -> Certainty:
    return rules.certainty(verdict, p_value if p_adjusted is None else p_adjusted, checks, alpha)
