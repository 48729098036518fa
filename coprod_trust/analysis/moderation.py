"""Does change differ with a condition at the start? One question a condition, outcome and contrast (design A8).

The condition is a number, centred and in standard deviations; it is never cut in two at its median.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import correlation, mixed_model, rules
from coprod_trust.analysis.design import Answer, BetweenWaves, Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role, of_contrast
from coprod_trust.analysis.relation import Pending
from coprod_trust.analysis.seeds import generator, resamples
from coprod_trust.study.model import Plan

if TYPE_CHECKING:
    from coprod_trust.mixed.fit import Fit as EngineFit

Floats = NDArray[np.float64]

PRIMARY = "moderation"
ESTIMAND = "difference in mean change, in points, between people one standard deviation apart in the condition"
_GRID = 41


@dataclass(frozen=True)
class Question(BetweenWaves):
    """``moderator`` at ``wave_from`` or before (people), ``scores`` of the outcome (people x waves, NaN: none); the
    first of ``waves`` is ``wave_from``, the last ``wave_to``."""

    moderator_id: str
    outcome: str
    waves: tuple[str, ...]
    moderator: Floats
    scores: Floats
    population: str
    exploratory: bool
    first_wave: bool
    declined: str | None = None
    flagged: NDArray[np.bool_] | None = None

    @property
    def about(self) -> str:
        return f"moderation.{self.moderator_id}-{self.outcome}"

    @property
    def ends(self) -> tuple[str, str]:
        return self.waves[0], self.waves[-1]

    @property
    def started(self) -> NDArray[np.bool_]:
        """Who has the condition and a score at the first wave: they are in the model, also where they left."""
        return ~(np.isnan(self.moderator) | np.isnan(self.scores[:, 0]))

    @property
    def complete(self) -> NDArray[np.bool_]:
        return self.started & ~np.isnan(self.scores[:, -1])


@dataclass(frozen=True)
class Slopes:
    """The fitted model: change by condition. ``mean`` and ``sd`` of the condition are in its own points."""

    model: EngineFit
    waves: tuple[str, ...]
    mean: float
    sd: float
    low: float
    high: float

    def interaction(self) -> Mapping[str, float]:
        """How much more change for one standard deviation more."""
        return self._row({f"wave[T.{self.waves[-1]}]:{_NAME}": 1.0})

    def change_at(self, z: float) -> Mapping[str, float]:
        """Mean change of people ``z`` standard deviations from the mean of the condition."""
        change = f"wave[T.{self.waves[-1]}]"
        return self._row({change: 1.0, f"{change}:{_NAME}": z})

    def _row(self, weights: Mapping[str, float]) -> Mapping[str, float]:
        row = self.model.contrast(weights, df="kenward-roger")
        return {k: float(v) for k, v in row.items() if k != "term"}

    def boundaries(self) -> list[float]:
        """Where in the range of the condition the 95 % interval of change begins or ends to hold 0, in SDs (Johnson
        and Neyman 1936)."""
        from scipy.optimize import brentq

        def outside(z: float) -> float:
            row = self.change_at(z)
            return max(row["ci_low"], -row["ci_high"])

        grid = np.linspace(self.low, self.high, _GRID)
        values = [outside(float(z)) for z in grid]
        pairs = zip(grid[:-1], grid[1:], values[:-1], values[1:], strict=True)
        return [float(brentq(outside, a, b, xtol=1e-6)) for a, b, u, v in pairs if (u < 0) != (v < 0)]


_NAME = "condition"


def answer(question: Question, plan: Plan) -> tuple[Answer, list[dict[str, Any]]]:
    """The question tested or declined, and the rows of ``simple_slope``."""
    reason = why_declined(question)
    slopes = None if reason else fit(question, question.started)
    if isinstance(slopes, str):
        reason = slopes
    if reason or not isinstance(slopes, Slopes):
        declined = Estimate(PRIMARY, Role.PRIMARY, n=int(question.complete.sum()), declined=reason)
        return Plain(_draft(question, (declined,), reason), question.name, question.slot), []
    draft = _draft(question, _estimates(question, plan, slopes), None)
    rows = list(simple_slopes(question.finding_id, slopes))
    return Pending(draft, question.name, question.slot, rules.verdict_on_moderator), rows


def why_declined(question: Question) -> str | None:
    """Why the question is not answered, or None."""
    if question.declined:
        return question.declined
    complete = question.complete
    too_few = rules.MODERATOR.declines(int(complete.sum()))
    if too_few:
        return too_few
    if np.ptp(question.moderator[complete]) == 0:
        return f"{question.moderator_id} is the same for everybody"
    if np.ptp((question.scores[:, -1] - question.scores[:, 0])[complete]) == 0:
        return f"everybody's {question.outcome} changed by the same amount"
    return None


def fit(question: Question, people: NDArray[np.bool_]) -> Slopes | str:
    """Wave, condition and their product on the scores; REML, Kenward-Roger, covariance by the rule of change. A reason
    where it cannot be fitted."""
    from coprod_trust.mixed import Panel

    moderator, scores = question.moderator[people], question.scores[people]
    kept = np.flatnonzero((~np.isnan(scores)).any(axis=0))
    waves, scores = tuple(question.waves[int(k)] for k in kept), scores[:, kept]
    mean, sd = float(moderator.mean()), float(moderator.std(ddof=1))
    z = (moderator - mean) / sd
    panel = Panel.from_matrix(scores, waves, z[:, None], (_NAME,))
    engine = mixed_model.engine_fit(panel, f"wave * {_NAME}")
    if isinstance(engine, str):
        return engine
    return Slopes(engine, waves, mean, sd, float(z.min()), float(z.max()))


def simple_slopes(finding_id: str, slopes: Slopes) -> Iterator[dict[str, Any]]:
    """Mean change at the mean of the condition and one SD below and above, and where its interval meets 0."""
    places = [("minus_1_sd", -1.0), ("mean", 0.0), ("plus_1_sd", 1.0)]
    places += [("boundary", z) for z in slopes.boundaries()]
    for place, z in places:
        row = slopes.change_at(z)
        yield {
            "finding_id": finding_id,
            "place": place,
            "condition": slopes.mean + z * slopes.sd,
            "within_range": bool(slopes.low <= z <= slopes.high),
            "change": row["estimate"],
            **{k: row[k] for k in ("std_error", "df", "ci_low", "ci_high", "p_value")},
        }


def _estimates(question: Question, plan: Plan, slopes: Slopes) -> tuple[Estimate, ...]:
    covariance = mixed_model.covariance_in_words(slopes.model)
    followed = int((question.started & (~np.isnan(question.scores[:, 1:])).any(axis=1)).sum())
    note = (
        f"one standard deviation is {slopes.sd:.1f} points; {covariance} covariance; all scored at the first wave, "
        f"{followed} of them also later"
    )
    complete = question.complete
    z = (question.moderator[complete] - slopes.mean) / slopes.sd
    start = question.scores[complete, 0]
    change = np.round(question.scores[complete, -1] - start, 9)
    rng = generator(plan.seed, question.finding_id, "freedman_lane")
    drawn = resamples(plan.permutations, len(z))
    slope = correlation.adjusted_slope(z, change, np.empty((len(z), 0)), drawn, rng)
    found = [_primary(slopes, int(question.started.sum()), note)]
    if slope is None:
        reason = "the change cannot be told apart from the condition"
        return (*found, Estimate("freedman_lane", Role.CHECK, n=len(z), declined=reason))
    found.append(
        Estimate(
            "freedman_lane",
            Role.CHECK,
            n=len(z),
            estimate=slope.slope,
            std_error=slope.std_error,
            df=slope.df,
            df_method="n - k",
            statistic_name="t",
            statistic=slope.t,
            p_value=slope.p_value,
            ci_low=slope.ci_low,
            ci_high=slope.ci_high,
            note="least squares of the change on the condition, of those with both scores; HC3 standard error; "
            f"p from {'the normal limit' if len(z) > correlation.LARGE else f'{drawn} permutations'}",
        )
    )
    positions = np.flatnonzero(complete)[np.argsort(-slope.cooks_distance, kind="stable")]
    dropped = {
        "without_most_influential": (positions[:1], "the person with the largest Cook's distance left out"),
        "without_two_most_influential": (positions[:2], "the two people with the largest Cook's distance left out"),
    }
    if question.flagged is not None and (question.flagged & question.started).any():
        count = int((question.flagged & question.started).sum())
        flagged_note = f"{count} left out whose answers the checks of the data flagged for this purpose"
        dropped["without_flagged"] = (np.flatnonzero(question.flagged), flagged_note)
    found += [_without(question, rows, method, why) for method, (rows, why) in dropped.items()]
    return tuple(found)


def _primary(slopes: Slopes, n: int, note: str, method: str = PRIMARY, role: Role = Role.PRIMARY) -> Estimate:
    return of_contrast(method, role, n, slopes.interaction(), note)


def _without(question: Question, rows: NDArray[np.intp], method: str, note: str) -> Estimate:
    """The same model without some people."""
    kept = question.started.copy()
    kept[rows] = False
    n = int(kept.sum())
    reason = rules.MODERATOR.declines(int((kept & question.complete).sum()))
    if reason is None and np.ptp(question.moderator[kept & question.complete]) == 0:
        reason = "the condition of the others does not vary"
    again = reason or fit(question, kept)
    if isinstance(again, str):
        return Estimate(method, Role.SENSITIVITY, n=n, declined=again)
    return _primary(again, n, note, method, Role.SENSITIVITY)


def _draft(question: Question, estimates: tuple[Estimate, ...], declined: str | None) -> Finding:
    return Finding(
        finding_id=question.finding_id,
        design="A8",
        outcome=question.outcome,
        predictor=question.moderator_id,
        population=question.population,
        estimand=ESTIMAND,
        estimates=estimates,
        contrast=question.contrast,
        n_start=int(question.started.sum()),
        exploratory=question.exploratory,
        declined=declined,
    )
