"""Each method's answer to one question of change with change, as rows of ``estimate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import correlation, detectable, disattenuation, rules
from coprod_trust.analysis.finding import Estimate, Role
from coprod_trust.analysis.multiplicity import family_of
from coprod_trust.analysis.seeds import RandomOrders, generator, resamples
from coprod_trust.study.model import Plan

if TYPE_CHECKING:
    from coprod_trust.analysis.association import Question

Floats = NDArray[np.float64]

PRIMARY = "pearson_r"


def estimates(question: Question, plan: Plan) -> tuple[Estimate, ...]:
    """All methods, Pearson's r first."""
    complete = question.complete
    x, y = question.predictor.change[complete], question.outcome.change[complete]
    n = len(x)
    drawn = resamples(plan.permutations, n)

    def rng(purpose: str) -> np.random.Generator:
        return generator(plan.seed, question.finding_id, purpose)

    r = correlation.pearson(x, y)
    orders = RandomOrders(plan.seed, plan.permutations)
    p = correlation.permutation_p(x, y, orders)
    interval = correlation.pearson_interval(x, y, resamples(plan.bootstraps, n), rng("bootstrap"))
    how = f"{_how(n, drawn)}; {_how_interval(n, resamples(plan.bootstraps, n), interval is not None)}"
    slope, cooks = _slope(question, x, y, drawn, rng("freedman_lane"))
    marked = np.zeros_like(complete) if question.flagged is None else question.flagged
    return (
        _primary(n, r, p, interval, how),
        slope,
        _spearman(x, y, orders),
        _parametric(r, n),
        detectable.correlation(n, plan, family_of(plan, question.name)),
        *_comparisons(question),
        _disattenuated(question, plan, rng("disattenuation")),
        *_without(x, y, cooks, marked[complete], orders),
    )


def _primary(n: int, r: float, p: float, interval: tuple[float, float] | None, note: str) -> Estimate:
    low, high = interval or (None, None)
    return Estimate(
        PRIMARY,
        Role.PRIMARY,
        n=n,
        estimate=r,
        statistic_name="r",
        statistic=r,
        p_value=p,
        ci_low=low,
        ci_high=high,
        effect_name="r",
        effect_size=r,
        effect_ci_low=low,
        effect_ci_high=high,
        note=note,
    )


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


def _spearman(x: Floats, y: Floats, orders: RandomOrders) -> Estimate:
    from scipy.stats import rankdata

    rx, ry = rankdata(x), rankdata(y)
    rho = correlation.pearson(rx, ry)
    p = correlation.permutation_p(rx, ry, orders)
    return Estimate(
        "spearman",
        Role.CHECK,
        n=len(x),
        estimate=rho,
        statistic_name="rho",
        statistic=rho,
        p_value=p,
        ci_level=None,
        note=_how(len(x), orders.draws(len(x))),
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


def _without(
    x: Floats,
    y: Floats,
    cooks: Floats | None,
    flagged: NDArray[np.bool_],
    orders: RandomOrders,
) -> tuple[Estimate, ...]:
    """r without the one and the two people of the largest Cook's distance, and without people with flagged answers.

    Cook's distance is that of the adjusted slope, or where that is not known, of y on x alone.
    """
    distance = cooks if cooks is not None else _cooks_simple(x, y)
    order = np.lexsort((-np.abs(y), -np.abs(x), -distance))
    people = np.arange(len(x))
    kept = {
        "without_most_influential": (
            np.delete(people, order[:1]),
            "the person with the largest Cook's distance left out",
        ),
        "without_two_most_influential": (
            np.delete(people, order[:2]),
            "the two people with the largest Cook's distance left out",
        ),
    }
    if flagged.any():
        note = f"{int(flagged.sum())} left out whose answers the checks of the data flagged for this purpose"
        kept["without_flagged"] = (people[~flagged], note)
    return tuple(_again(method, x[keep], y[keep], note, orders) for method, (keep, note) in kept.items())


def _again(method: str, x: Floats, y: Floats, note: str, orders: RandomOrders) -> Estimate:
    """r and its permutation p of those who are left."""
    reason = rules.ASSOCIATION.declines(len(x))
    if reason is None and 0 in (np.ptp(x), np.ptp(y)):
        reason = "the changes of the others do not vary"
    if reason:
        return Estimate(method, Role.SENSITIVITY, n=len(x), declined=reason)
    r = correlation.pearson(x, y)
    return Estimate(
        method,
        Role.SENSITIVITY,
        n=len(x),
        estimate=r,
        statistic_name="r",
        statistic=r,
        p_value=correlation.permutation_p(x, y, orders),
        ci_level=None,
        note=note,
    )


def _cooks_simple(x: Floats, y: Floats) -> Floats:
    design = np.column_stack([np.ones_like(x), x])
    q = np.linalg.qr(design)[0]
    residual = y - q @ (q.T @ y)
    leverage = (q**2).sum(axis=1)
    return np.asarray(residual**2 * leverage / np.maximum(1 - leverage, 1e-12) ** 2)
