"""Did those who take part differ from another group at the start? One question a scale (design A3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import effect_size, rules
from coprod_trust.analysis.data import DEFAULT_POPULATION
from coprod_trust.analysis.design import Answer, Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.seeds import RandomOrders
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]

PRIMARY = "welch"
ESTIMAND = "difference in means at the first wave, of those who take part less"


@dataclass(frozen=True)
class Question:
    """Scores at the first wave of those who take part and of another group; no gaps.

    ``suffix`` tells several other groups apart: it is empty where there is one.
    """

    scale: str
    wave: str
    other_label: str
    participants: Floats
    others: Floats
    exploratory: bool
    suffix: str = ""
    declined: str | None = None

    @property
    def name(self) -> str:
        """The question without its wave, as families list it."""
        return f"selection.{self.scale}{self.suffix}"

    @property
    def finding_id(self) -> str:
        return f"selection.{self.scale}.{self.wave}{self.suffix}"

    @property
    def slot(self) -> str:
        return f"at {self.wave}"

    @property
    def n(self) -> int:
        return len(self.participants) + len(self.others)


@dataclass(frozen=True)
class Welch:
    """Welch's t-test of two independent groups."""

    difference: float
    std_error: float
    df: float
    t: float
    p_value: float
    ci: tuple[float, float]


def why_declined(question: Question) -> str | None:
    """Why the question is not answered, or None."""
    if question.declined:
        return question.declined
    too_few = rules.SELECTION.declines(min(len(question.participants), len(question.others)))
    if too_few:
        return too_few
    if np.ptp(question.participants) == 0 and np.ptp(question.others) == 0:
        return "neither group's scores vary"
    return None


def answer(question: Question, plan: Plan) -> Answer:
    """The question tested, or declined. Verdicts are on change; a difference between groups has none."""
    reason = why_declined(question)
    estimates = declined(question, reason) if reason else tested(question, plan)
    draft = Finding(
        finding_id=question.finding_id,
        design="A3",
        outcome=question.scale,
        predictor="study_group",
        population=DEFAULT_POPULATION,
        estimand=f"{ESTIMAND} {question.other_label}",
        estimates=estimates,
        contrast=question.wave,
        n_start=question.n,
        exploratory=question.exploratory,
        declined=reason,
        note=f"{len(question.participants)} participants compared with {len(question.others)} {question.other_label}",
    )
    return Plain(draft, question.name, question.slot)


def declined(question: Question, reason: str) -> tuple[Estimate, ...]:
    """A question that could not be answered, and why."""
    return (Estimate(PRIMARY, Role.PRIMARY, n=question.n, declined=reason),)


def tested(question: Question, plan: Plan) -> tuple[Estimate, ...]:
    """Welch's test with Hedges g, a permutation test of ranks, and the ratio of the variances."""
    a, b = question.participants, question.others
    test = welch(a, b)
    g = hedges_g(a, b)
    orders = RandomOrders(plan.seed, plan.permutations)
    drawn = orders.draws(question.n)
    delta = cliffs_delta(a, b)
    p_ranks = permutation_p_of_ranks(a, b, orders)
    return (
        Estimate(
            PRIMARY,
            Role.PRIMARY,
            n=question.n,
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
            note=_variances(a, b),
        ),
        Estimate(
            "mann_whitney",
            Role.CHECK,
            n=question.n,
            p_value=p_ranks,
            ci_level=None,
            effect_name="cliffs_delta",
            effect_size=delta,
            note=f"p from {drawn} permutations of the groups",
        ),
    )


def _variances(a: Floats, b: Floats) -> str:
    other = float(b.var(ddof=1))
    if other == 0:
        return "the other group's scores do not vary"
    return f"variance {float(a.var(ddof=1)) / other:.2f} times that of the other group"


def welch(a: Floats, b: Floats) -> Welch:
    """Mean of a less that of b by Welch's test; at least one of the groups must vary."""
    from scipy.special import stdtr, stdtrit

    parts = [float(x.var(ddof=1)) / len(x) for x in (a, b)]
    se = math.sqrt(sum(parts))
    df = sum(parts) ** 2 / sum(p**2 / (len(x) - 1) for p, x in zip(parts, (a, b), strict=True))
    difference = float(a.mean() - b.mean())
    half = float(stdtrit(df, 0.975)) * se
    t = difference / se
    return Welch(difference, se, df, t, 2 * float(stdtr(df, -abs(t))), (difference - half, difference + half))


def hedges_g(a: Floats, b: Floats) -> effect_size.Effect:
    """Hedges g on the pooled SD, J on n1 + n2 - 2, with the interval from the noncentral t."""
    n1, n2 = len(a), len(b)
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * float(a.var(ddof=1)) + (n2 - 1) * float(b.var(ddof=1))) / df)
    root = math.sqrt(1 / n1 + 1 / n2)
    d = float(a.mean() - b.mean()) / pooled
    low, high = effect_size.noncentrality_interval(d / root, df)
    j = effect_size.hedges_correction(df)
    return effect_size.Effect("hedges_g", j * d, j * low * root, j * high * root)


def cliffs_delta(a: Floats, b: Floats) -> float:
    """Share of pairs in which a is higher, less the share in which b is."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([a, b]))
    above = float(ranks[: len(a)].sum()) - len(a) * (len(a) + 1) / 2
    return 2 * above / (len(a) * len(b)) - 1


def permutation_p_of_ranks(a: Floats, b: Floats, orders: RandomOrders) -> float:
    """Two-sided p of the rank sum when people change groups at random, (b + 1) / (R + 1); right with ties."""
    from scipy.stats import rankdata

    from coprod_trust.analysis.correlation import permutation_p

    # The rank sum of a group is the correlation of ranks with membership, but for constants.
    ranks = rankdata(np.concatenate([a, b]))
    member = np.concatenate([np.ones(len(a)), np.zeros(len(b))])
    return 1.0 if np.ptp(ranks) == 0 else permutation_p(ranks, member, orders)
