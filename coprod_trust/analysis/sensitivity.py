"""Would the verdict on a change be another without the most influential people, or if those who left were known?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import imputation, mixed_model, paired, paired_estimates, rules, weighting
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
    "design_effect": "with the likeness of people of one team in the error",
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


@dataclass(frozen=True)
class Again:
    """The finding's own method on fewer people, but for its verdict; without intervals where it was declined."""

    estimate: Estimate
    ci95: rules.Interval | None = None
    ci90: rules.Interval | None = None

    def concluded(self, verdict: VerdictOf) -> Estimate:
        """With the verdict that its figures would have in the finding's family."""
        if self.ci95 is None or self.ci90 is None or self.estimate.p_value is None:
            return self.estimate
        return replace(self.estimate, verdict=verdict(self.estimate.p_value, self.ci95, self.ci90))


def paired_again(change: Floats, flagged: NDArray[np.bool_]) -> tuple[Again, ...]:
    """The paired t-test without the two people whose change lies farthest from the mean, and without those flagged."""
    two = np.delete(change, paired.most_influential(change))
    found = [_paired(WITHOUT_TWO, two, "the two people whose change lies farthest from the mean left out")]
    if flagged.any():
        found.append(_paired(WITHOUT_FLAGGED, change[~flagged], _flagged_note(flagged)))
    return tuple(found)


def model_again(model: mixed_model.Fit, wave_from: str, wave_to: str, flagged: NDArray[np.bool_]) -> tuple[Again, ...]:
    """The model without the two people who weigh most in the change, and without those flagged (a mask over the people
    that the model was given)."""
    assert model.scores is not None
    two = model.most_influential(wave_from, wave_to)
    found = [_model(WITHOUT_TWO, model.without(two), wave_from, wave_to, "the two people who weigh most left out")]
    marked = flagged & ~np.isnan(model.scores[:, 0])
    if marked.any():
        found.append(_model(WITHOUT_FLAGGED, model.without(marked), wave_from, wave_to, _flagged_note(marked)))
    return tuple(found)


def _flagged_note(flagged: NDArray[np.bool_]) -> str:
    return f"{int(flagged.sum())} left out whose answers the checks of the data flagged for this purpose"


def _model(method: str, model: mixed_model.Fit, wave_from: str, wave_to: str, note: str) -> Again:
    found = model.change(wave_from, wave_to)
    if isinstance(found, str):
        return Again(Estimate(method, Role.SENSITIVITY, n=model.n, declined=found))
    estimate = replace(model.contrast(wave_from, wave_to, Role.SENSITIVITY), method=method, note=note)
    return Again(estimate, found.ci95, found.ci90)


def _paired(method: str, rest: Floats, note: str) -> Again:
    """The paired t-test of those who are left."""
    too_few = rules.PAIRED_TEST.declines(len(rest))
    if too_few:
        return Again(Estimate(method, Role.SENSITIVITY, n=len(rest), declined=too_few))
    test = paired.paired_t(rest)
    if test.t is None or test.p_value is None:
        reason = "the others all changed by the same amount"
        return Again(Estimate(method, Role.SENSITIVITY, n=test.n, estimate=test.mean, declined=reason))
    return Again(paired_estimates.of_test(test, method, Role.SENSITIVITY, note), test.ci95, test.ci90)


def leavers(
    people: Starters, estimate: float, reached: Verdict, verdict: VerdictOf, rng: np.random.Generator
) -> tuple[Estimate, ...]:
    """The mean change with those who left imputed, and the tipping point; nothing where nobody left.

    The tipping point is the smallest shift of those who left, against the conclusion, at which the pooled test of
    stayers and leavers has another verdict than ``reached``; ``estimate`` gives the conclusion's direction.
    """
    stayed = people.stayed
    if stayed.all():
        return ()
    change = people.change[stayed]
    reason = _too_alike(change)
    if reason:
        why = f"those who left cannot be imputed: {reason}"
        return tuple(Estimate(m, Role.SENSITIVITY, declined=why) for m in (IMPUTED, TIPPING))
    used = people.predictors.first(max(1, len(change) // rules.IMPUTATION_PEOPLE_A_PREDICTOR))
    drawn = imputation.impute_change(used.values, people.between, people.change, rng)
    return (
        _imputed(change, drawn, used, verdict),
        _tipping_point(change, drawn, estimate, reached, verdict),
    )


def stayers(people: Starters, verdict: VerdictOf) -> tuple[Estimate, ...]:
    """The mean change with stayers weighted to look like all who started, and its bounds; nothing where nobody left."""
    if people.stayed.all():
        return ()
    reason = _too_alike(people.change[people.stayed])
    if reason:
        why = f"those who stayed cannot be weighted: {reason}"
        return (Estimate(WEIGHTED, Role.SENSITIVITY, declined=why), _bounds(people))
    return (_weighted(people, verdict), _bounds(people))


def _too_alike(change: Floats) -> str | None:
    too_few = rules.MIXED_MODEL.declines(len(change))
    return too_few or ("everybody who stayed changed by the same amount" if np.ptp(change) == 0 else None)


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
        "truncated at the 1st and 99th percentile; the error takes the weights as known",
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
