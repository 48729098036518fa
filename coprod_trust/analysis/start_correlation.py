"""Do motivation, trust and perceived control go together at the start? One question a pair of scales (design A4).

Spearman's rank correlation: of those who take part (primary), of everybody, of everybody with the groups' own levels
taken out, and within each other group. A correlation of everybody also holds what sets the groups apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import correlation, rules
from coprod_trust.analysis.data import DEFAULT_POPULATION
from coprod_trust.analysis.design import Answer, Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.relation import Pending
from coprod_trust.analysis.seeds import RandomOrders, resamples
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]

PRIMARY = "spearman_within"
ESTIMAND = "rank correlation between persons of two scores at the same wave, of those who take part"


@dataclass(frozen=True)
class Question:
    """Scores of everybody asked (people) in two scales at one wave; ``group`` is each person's group.

    ``participants`` is the group that takes part.
    """

    first: str
    second: str
    wave: str
    x: Floats
    y: Floats
    group: NDArray[np.object_]
    participants: str
    exploratory: bool
    declined: str | None = None
    flagged: NDArray[np.bool_] | None = None

    @property
    def name(self) -> str:
        """The question without its wave, as families list it."""
        return f"correlation.{self.first}-{self.second}"

    @property
    def finding_id(self) -> str:
        return f"{self.name}.{self.wave}"

    @property
    def slot(self) -> str:
        return f"at {self.wave}"

    @property
    def complete(self) -> NDArray[np.bool_]:
        return ~(np.isnan(self.x) | np.isnan(self.y))

    @property
    def own(self) -> NDArray[np.bool_]:
        """Who takes part and has both."""
        return self.complete & np.asarray(self.group == self.participants, dtype=bool)


def answer(question: Question, plan: Plan) -> Answer:
    """The question tested, or declined."""
    reason = why_declined(question)
    if reason:
        declined = Estimate(PRIMARY, Role.PRIMARY, n=int(question.own.sum()), declined=reason)
        return Plain(_draft(question, (declined,), reason), question.name, question.slot)
    draft = _draft(question, _estimates(question, plan), None)
    return Pending(draft, question.name, question.slot, rules.verdict_on_relation)


def why_declined(question: Question) -> str | None:
    """Why the question is not answered, or None."""
    if question.declined:
        return question.declined
    own = question.own
    return rules.CORRELATION.declines(int(own.sum())) or _constant(question, own)


def _constant(question: Question, people: NDArray[np.bool_]) -> str | None:
    for name, values in ((question.first, question.x), (question.second, question.y)):
        if np.ptp(values[people]) == 0:
            return f"everybody has the same {name}"
    return None


def _estimates(question: Question, plan: Plan) -> tuple[Estimate, ...]:
    own = question.own
    x, y = ranks(question.x[own]), ranks(question.y[own])
    n = len(x)
    drawn = resamples(plan.permutations, n)
    p = correlation.permutation_p(x, y, RandomOrders(plan.seed, plan.permutations))
    how = "p from the normal limit" if n > correlation.LARGE else f"p from {drawn} permutations"
    rho = correlation.pearson(x, y)
    found = [_row(PRIMARY, Role.PRIMARY, n, rho, n - 2, p, f"{how}; interval by Bonett and Wright")]
    others = [g for g in dict.fromkeys(question.group[question.complete]) if g != question.participants]
    if others:
        found.append(_of(question, "spearman_everybody", question.complete, "all groups together, as they are"))
        found.append(_adjusted(question))
        for group in others:
            people = question.complete & np.asarray(question.group == group, dtype=bool)
            found.append(_of(question, f"spearman_in_{group}", people, "within the other group"))
    order = np.flatnonzero(own)[np.argsort(-_influence(x, y), kind="stable")]
    dropped: dict[str, tuple[NDArray[np.intp], str]] = {
        "without_two_most_influential": (order[:2], "the two people who move the correlation most left out")
    }
    if question.flagged is not None and (question.flagged & own).any():
        note = (
            f"{int((question.flagged & own).sum())} left out whose answers the checks of the data flagged for this "
            "purpose"
        )
        dropped["without_flagged"] = (np.flatnonzero(question.flagged), note)
    for method, (rows, note) in dropped.items():
        kept = own.copy()
        kept[rows] = False
        found.append(replace(_of(question, method, kept, note), role=Role.SENSITIVITY))
    return tuple(found)


def ranks(values: Floats) -> Floats:
    """Ranks, ties at their mean rank."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), dtype=float)


def _influence(x: Floats, y: Floats) -> Floats:
    """How far each person moves the correlation of ranks."""
    zx, zy = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    r = float((zx * zy).mean())
    return np.abs(zx * zy - r * (zx**2 + zy**2) / 2)


def _of(question: Question, method: str, people: NDArray[np.bool_], note: str) -> Estimate:
    """Spearman's rho of some people with its t-test."""
    n = int(people.sum())
    reason = rules.CORRELATION.declines(n) or _constant(question, people)
    if reason:
        return Estimate(method, Role.SECONDARY, n=n, declined=reason)
    rho = correlation.pearson(ranks(question.x[people]), ranks(question.y[people]))
    return _row(method, Role.SECONDARY, n, rho, n - 2, None, note)


def _adjusted(question: Question) -> Estimate:
    """Partial rank correlation given the group: ranks of everybody, each group's mean rank taken out."""
    people = question.complete
    group = question.group[people]
    levels = list(dict.fromkeys(group))
    n, df = int(people.sum()), int(people.sum()) - 2 - (len(levels) - 1)

    def centred(values: Floats) -> Floats:
        out = ranks(values[people])
        for level in levels:
            out[group == level] -= out[group == level].mean()
        return out

    x, y = centred(question.x), centred(question.y)
    if rules.CORRELATION.declines(df + 2) or min(float(x @ x), float(y @ y)) <= 1e-9:
        return Estimate("spearman_adjusted", Role.SECONDARY, n=n, declined="nothing varies within the groups")
    rho = float(x @ y / math.sqrt((x @ x) * (y @ y)))
    return _row("spearman_adjusted", Role.SECONDARY, n, rho, df, None, "all groups, each group's own level taken out")


def interval(rho: float, df: int) -> tuple[float, float] | None:
    """95 % interval of Spearman's rho: Fisher's z with the variance (1 + rho^2 / 2) / (n - 3) of Bonett and Wright
    (2000). ``df`` is n - 2, less one for each variable that is taken out. None where rho is 1 or -1.

    pingouin.corr takes 1 / (n - 3), Fisher's for Pearson's r: too narrow for ranks.
    """
    if abs(rho) >= 1 or df < 2:
        return None
    half = 1.959963984540054 * math.sqrt((1 + rho**2 / 2) / (df - 1))
    return math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)


def _row(method: str, role: Role, n: int, rho: float, df: int, p: float | None, note: str) -> Estimate:
    from scipy.special import stdtr

    low, high = interval(rho, df) or (None, None)
    if p is None:
        p = 0.0 if abs(rho) >= 1 else 2 * float(stdtr(df, -abs(rho) * math.sqrt(df / (1 - rho**2))))
    return Estimate(
        method,
        role,
        n=n,
        estimate=rho,
        df=df,
        df_method="n - 2 - groups taken out" if method == "spearman_adjusted" else "n - 2",
        statistic_name="rho",
        statistic=rho,
        p_value=p,
        ci_low=low,
        ci_high=high,
        effect_name="rho",
        effect_size=rho,
        effect_ci_low=low,
        effect_ci_high=high,
        note=note,
    )


def _draft(question: Question, estimates: tuple[Estimate, ...], declined: str | None) -> Finding:
    counts: Mapping[str, int] = {
        str(g): int((question.complete & np.asarray(question.group == g)).sum()) for g in dict.fromkeys(question.group)
    }
    return Finding(
        finding_id=question.finding_id,
        design="A4",
        outcome=question.second,
        predictor=question.first,
        population=DEFAULT_POPULATION,
        estimand=ESTIMAND,
        estimates=estimates,
        contrast=question.wave,
        n_start=counts.get(question.participants, 0),
        exploratory=question.exploratory,
        declined=declined,
    )
