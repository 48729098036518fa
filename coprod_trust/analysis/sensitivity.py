"""Would the verdict on a change be another without the most influential people, or if those who left were known?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import imputation, paired, rules, weighting
from coprod_trust.analysis.baseline import Columns
from coprod_trust.analysis.finding import Estimate, Role, Verdict

Floats = NDArray[np.float64]
VerdictOf = Callable[[float, rules.Interval, rules.Interval], Verdict]
"""The verdict that a p value, a 95 % and a 90 % interval would have in the finding's family."""

WITHOUT_TWO = "without_two_most_influential"
WITHOUT_FLAGGED = "without_flagged"
IMPUTED = "multiple_imputation"
TIPPING = "tipping_point"
WEIGHTED = "inverse_probability"
BOUNDS = "bounds"
IN_WORDS = {
    WITHOUT_TWO: "without the two most influential people",
    WITHOUT_FLAGGED: "without people whose answers were flagged",
    IMPUTED: "with those who left imputed from similar stayers",
    WEIGHTED: "with stayers weighted for similar people who left",
}


@dataclass(frozen=True)
class Starters:
    """Everybody scored at the first of the two waves: those who stayed and those who left (``change`` NaN).

    ``predictors``: what leaving may go with, the starting score first. ``between``: people x waves between the two.
    """

    predictors: Columns
    between: Floats
    start: Floats
    change: Floats

    @property
    def stayed(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.change)


def without_two(change: Floats, verdict: VerdictOf) -> Estimate:
    """The paired t-test without the two people whose change lies farthest from the mean."""
    rest = np.delete(change, paired.most_influential(change))
    return _again(WITHOUT_TWO, rest, "the two people whose change lies farthest from the mean left out", verdict)


def without_flagged(change: Floats, flagged: NDArray[np.bool_], verdict: VerdictOf) -> tuple[Estimate, ...]:
    """The paired t-test without people whose answers at either wave were flagged; nothing where nobody's were."""
    if not flagged.any():
        return ()
    note = f"{int(flagged.sum())} left out whose answers the checks of the data flagged for this purpose"
    return (_again(WITHOUT_FLAGGED, change[~flagged], note, verdict),)


def _again(method: str, rest: Floats, note: str, verdict: VerdictOf) -> Estimate:
    """The paired t-test of those who are left."""
    too_few = rules.PAIRED_TEST.declines(len(rest))
    if too_few:
        return Estimate(method, Role.SENSITIVITY, n=len(rest), declined=too_few)
    test = paired.paired_t(rest)
    if test.t is None or test.p_value is None:
        reason = "the others all changed by the same amount"
        return Estimate(method, Role.SENSITIVITY, n=test.n, estimate=test.mean, declined=reason)
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
        note=note,
    )


def leavers(
    people: Starters, estimate: float, reached: Verdict, verdict: VerdictOf, rng: np.random.Generator
) -> tuple[Estimate, ...]:
    """The mean change with those who left imputed, the tipping point, weights and bounds; nothing where nobody left.

    The tipping point is the smallest shift of those who left, against the conclusion, at which the pooled test of
    stayers and leavers has another verdict than ``reached``; ``estimate`` gives the conclusion's direction.
    """
    stayed = people.stayed
    if stayed.all():
        return ()
    change = people.change[stayed]
    reason = rules.MIXED_MODEL.declines(len(change))
    if reason is None and np.ptp(change) == 0:
        reason = "everybody who stayed changed by the same amount"
    if reason:
        of_left = (
            (IMPUTED, f"those who left cannot be imputed: {reason}"),
            (TIPPING, f"those who left cannot be imputed: {reason}"),
            (WEIGHTED, f"those who stayed cannot be weighted: {reason}"),
        )
        return (*(Estimate(m, Role.SENSITIVITY, declined=why) for m, why in of_left), _bounds(people))
    used = people.predictors.first(max(1, len(change) // rules.IMPUTATION_PEOPLE_A_PREDICTOR))
    drawn = imputation.impute_change(used.values, people.between, people.change, rng)
    return (
        _imputed(change, drawn, used, verdict),
        _tipping_point(change, drawn, estimate, reached, verdict),
        _weighted(people, verdict),
        _bounds(people),
    )


def _imputed(change: Floats, drawn: imputation.Drawn, used: Columns, verdict: VerdictOf) -> Estimate:
    left = drawn.n
    base = imputation.pool(change, drawn)
    return Estimate(
        IMPUTED,
        Role.SENSITIVITY,
        n=len(change) + left,
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
        note="mean change within persons of all who had a score at the first of the two waves; "
        f"{left} who left imputed {imputation.IMPUTATIONS} times from stayers similar in {_listed(used)}",
    )


def _listed(used: Columns) -> str:
    """The predictors, and how many people's gaps in them were filled."""
    filled = int(used.filled.any(axis=1).sum())
    return ", ".join(used.names) + (f" ({filled} with a gap there, filled with the mean)" if filled else "")


def _weighted(people: Starters, verdict: VerdictOf) -> Estimate:
    """The mean change of those who stayed, each weighted by how unlikely staying was for somebody like that."""
    stayed = people.stayed
    weights = weighting.stabilised(stayed, people.predictors)
    if isinstance(weights, str):
        return Estimate(WEIGHTED, Role.SENSITIVITY, n=int(stayed.sum()), declined=weights)
    found = weighting.mean(people.change[stayed], weights.values[stayed])
    used = people.predictors.first(len(weights.names))
    left_out = f"; no room for {', '.join(weights.left_out)}" if weights.left_out else ""
    return Estimate(
        WEIGHTED,
        Role.SENSITIVITY,
        n=int(stayed.sum()),
        estimate=found.estimate,
        std_error=found.std_error,
        df=found.df,
        df_method="effective n - 1",
        statistic_name="t",
        statistic=found.estimate / found.std_error,
        p_value=found.p_value,
        ci_low=found.ci95[0],
        ci_high=found.ci95[1],
        effect_name="effective_n",
        effect_size=weights.effective_n,
        verdict=verdict(found.p_value, found.ci95, found.ci90),
        note=f"stabilised weights from Firth's model of staying on {_listed(used)}{left_out}; "
        "truncated at the 1st and 99th percentile",
    )


def _bounds(people: Starters) -> Estimate:
    """The mean change if everybody who left had scored 0, and if everybody had scored 100 (Manski 1990)."""
    stayed = people.stayed
    total, n = float(people.change[stayed].sum()), len(stayed)
    at_end = people.start[~stayed]
    low, high = ((total + float((end - at_end).sum())) / n for end in (0.0, 100.0))
    return Estimate(
        BOUNDS,
        Role.SENSITIVITY,
        n=n,
        ci_low=low,
        ci_high=high,
        ci_level=None,
        note=f"from all {n - int(stayed.sum())} who left at 0 to all of them at 100: nothing is assumed of them, and "
        "no sampling error is added",
    )


def _tipping_point(
    change: Floats, drawn: imputation.Drawn, estimate: float, reached: Verdict, verdict: VerdictOf
) -> Estimate:
    n = len(change) + drawn.n
    shifts = rules.tipping_shifts(estimate, reached)
    if not shifts:
        return Estimate(
            TIPPING, Role.SENSITIVITY, n=n, declined="an inconclusive finding has no conclusion to overturn"
        )
    for shift in shifts:
        moved = imputation.pool(change, drawn, shift)
        if verdict(moved.p_value, moved.ci95, moved.ci90) != reached:
            return _tipping_estimate(n, shift)
    return _tipping_estimate(n, None)


def _tipping_estimate(n: int, shift: float | None) -> Estimate:
    if shift is None:
        note = f"the verdict holds even if those who left scored {rules.TIPPING_LIMIT:g} points differently"
    elif shift == 0:
        note = "the verdict already differs when those who left are imputed from similar stayers"
    else:
        which = "higher" if shift > 0 else "lower"
        note = f"the verdict changes if those who left scored {abs(shift):g} points {which} than similar stayers"
    return Estimate(TIPPING, Role.SENSITIVITY, n=n, estimate=shift, ci_level=None, note=note)
