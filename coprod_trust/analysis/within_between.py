"""Does one trust vary together with another within people, over three waves or more? (design A2)

The within-between model (Bell and Jones 2015; Mundlak 1978): a person's score is explained by the wave, by how far the
predictor is from the person's own mean in that wave (within), and by that mean (between). With two waves this would be
the difference model once more, so it is not asked there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import paired, rules
from coprod_trust.analysis.correlation import LARGE
from coprod_trust.analysis.design import Answer, BetweenWaves, Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role, of_contrast
from coprod_trust.analysis.relation import Pending
from coprod_trust.analysis.seeds import generator, resamples
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]

PRIMARY = "within_between"
WITHIN, BETWEEN = "within", "between"
ESTIMAND = (
    "points of the outcome within a person for a point by which the predictor lies above the person's own mean, "
    "the waves' own levels taken out"
)


@dataclass(frozen=True)
class Question(BetweenWaves):
    """Scores of the same people (people x waves, NaN: none) in predictor and outcome, in waves that can be compared."""

    predictor: str
    outcome: str
    waves: tuple[str, ...]
    x: Floats
    y: Floats
    population: str
    exploratory: bool
    declined: str | None = None
    flagged: NDArray[np.bool_] | None = None

    @property
    def about(self) -> str:
        return f"within.{self.predictor}-{self.outcome}"

    @property
    def ends(self) -> tuple[str, str]:
        return self.waves[0], self.waves[-1]

    @property
    def both(self) -> NDArray[np.bool_]:
        """Where both were answered (people x waves)."""
        return ~(np.isnan(self.x) | np.isnan(self.y))

    @property
    def people(self) -> NDArray[np.bool_]:
        """Who has both scores at any wave."""
        return np.asarray(self.both.any(axis=1))

    @property
    def repeated(self) -> NDArray[np.bool_]:
        """Who has both scores at two waves or more: only they tell of what goes on within people."""
        return np.asarray(self.both.sum(axis=1) >= 2)


@dataclass(frozen=True)
class Within:
    """Scores with the person's mean and the wave's taken out (observations), and whose each is."""

    x: Floats
    y: Floats
    person: NDArray[np.intp]
    n_people: int
    n_waves: int

    @property
    def slope(self) -> float:
        return float(self.x @ self.y / (self.x @ self.x))

    @property
    def df(self) -> int:
        """Of the residual: observations less people, other waves and the slope."""
        return len(self.x) - self.n_people - (self.n_waves - 1) - 1

    @property
    def r(self) -> float:
        """Correlation within people (Bland and Altman 1995), here after the waves' means are taken out too."""
        return float(self.x @ self.y / math.sqrt((self.x @ self.x) * (self.y @ self.y)))

    def scores(self, slope: float) -> Floats:
        """What each person adds to the estimating equation of the slope, at that slope."""
        weights = self.x * (self.y - slope * self.x)
        return np.bincount(self.person, weights=weights, minlength=self.n_people).astype(float)

    def influence(self) -> Floats:
        """By how much the slope would move without each person (with the waves' means held)."""
        own = np.bincount(self.person, weights=self.x**2, minlength=self.n_people)
        rest = np.maximum(float(self.x @ self.x) - own, 1e-12)
        return -self.scores(self.slope) / rest


def within(x: Floats, y: Floats, wave_means: bool = True) -> Within:
    """Take out each person's mean, and with ``wave_means`` also the waves', from people x waves with gaps.

    Both must be there at two waves or more for everybody. The waves' means are taken out by least squares, which is
    right with gaps (taking out means twice is not).
    """
    both = ~(np.isnan(x) | np.isnan(y))
    person, wave = np.nonzero(both)
    counts = both.sum(axis=1)

    def centred(values: Floats) -> Floats:
        return values - (np.bincount(person, weights=values, minlength=len(x)) / counts)[person]

    columns = [centred(x[both]), centred(y[both])]
    waves = int(both.any(axis=0).sum())
    if wave_means:
        dummies = np.column_stack([centred((wave == w).astype(float)) for w in range(1, x.shape[1])])
        q, _ = np.linalg.qr(dummies[:, np.abs(dummies).max(axis=0) > 0])
        columns = [c - q @ (q.T @ c) for c in columns]
    return Within(columns[0], columns[1], person, len(x), waves if wave_means else 1)


def answer(question: Question, plan: Plan) -> Answer:
    """The question tested, or declined."""
    reason = why_declined(question)
    if reason is not None:
        return Plain(_draft(question, (_declined(question, reason),), reason), question.name, question.slot)
    fitted = fit(question, question.people)
    if fitted.declined is not None:
        return Plain(
            _draft(question, (_declined(question, fitted.declined),), fitted.declined), question.name, question.slot
        )
    draft = _draft(question, _estimates(question, plan, fitted), None)
    return Pending(draft, question.name, question.slot, rules.verdict_on_relation)


def why_declined(question: Question) -> str | None:
    """Why the question is not answered, or None."""
    if question.declined:
        return question.declined
    waves = int(question.both.any(axis=0).sum())
    reason = rules.WITHIN_BETWEEN_WAVES.declines(waves) or rules.WITHIN_BETWEEN.declines(int(question.repeated.sum()))
    if reason:
        return reason
    part = within(question.x[question.repeated], question.y[question.repeated])
    if float(part.x @ part.x) <= 1e-9 * max(float(np.nansum(question.x**2)), 1.0):
        return f"nobody's {question.predictor} varies over the waves apart from what all share"
    return None


@dataclass(frozen=True)
class Fit:
    """The mixed model's rows, by name: estimate, std_error, df, statistic, p_value, ci_low, ci_high."""

    n: int
    observations: int
    rows: dict[str, dict[str, float]]
    singular: bool = False
    declined: str | None = None


def fit(question: Question, people: NDArray[np.bool_]) -> Fit:
    """y on the wave, the predictor's mean of the person and its deviation from it; random intercept, REML,
    Kenward-Roger. The mean is over the waves in which the person has both scores."""
    from coprod_trust.mixed import NotIdentified, Panel

    both = question.both[people]
    used = np.flatnonzero(both.any(axis=0))
    both = both[:, used]
    x, y = (np.where(both, scores[people][:, used], np.nan) for scores in (question.x, question.y))
    mean = np.nansum(x, axis=1) / both.sum(axis=1)
    waves = [question.waves[int(w)] for w in used]
    panel = Panel.from_matrix(y, waves, mean[:, None], (BETWEEN,), {WITHIN: x - mean[:, None]})
    try:
        engine = panel.fit(f"wave + {BETWEEN} + {WITHIN}", random="intercept")
    except NotIdentified as error:
        return Fit(len(x), int(both.sum()), {}, declined=str(error))
    wanted = {WITHIN: {WITHIN: 1.0}, BETWEEN: {BETWEEN: 1.0}, "contextual": {BETWEEN: 1.0, WITHIN: -1.0}}
    rows = {
        name: {k: float(v) for k, v in engine.contrast(weights, df="kenward-roger").items() if k != "term"}
        for name, weights in wanted.items()
    }
    return Fit(engine.n_people, engine.n_observations, rows, engine.singular)


def _estimates(question: Question, plan: Plan, fitted: Fit) -> tuple[Estimate, ...]:
    everybody = question.people
    repeated = question.repeated
    part = within(question.x[repeated], question.y[repeated])
    note = (
        f"random intercept over {int(question.both.any(axis=0).sum())} waves; {fitted.observations} observations, "
        f"{int(repeated.sum())} people with two or more"
    )
    if fitted.singular:
        note += "; the variance between people is estimated as 0"
    order = np.flatnonzero(repeated)[np.lexsort((np.arange(part.n_people), -np.abs(part.influence())))]
    dropped = {"without_most_influential": order[:1], "without_two_most_influential": order[:2]}
    notes = {
        "without_most_influential": "the person who moves the slope most left out",
        "without_two_most_influential": "the two people who move the slope most left out",
    }
    if question.flagged is not None and (question.flagged & everybody).any():
        dropped["without_flagged"] = np.flatnonzero(question.flagged)
        left_out = int((question.flagged & everybody).sum())
        notes["without_flagged"] = f"{left_out} left out whose answers the checks of the data flagged for this purpose"
    return (
        _row(PRIMARY, Role.PRIMARY, fitted, WITHIN, note),
        _row("between_people", Role.SECONDARY, fitted, BETWEEN, "points of the outcome for a point of a person's mean"),
        _row("contextual", Role.SECONDARY, fitted, "contextual", "the slope between people less that within people"),
        _rm_correlation(part),
        _fixed_effects(part),
        _score_flip(question, part, plan),
        *(_without(question, everybody, rows, method, notes[method]) for method, rows in dropped.items()),
    )


def _row(method: str, role: Role, fitted: Fit, of: str, note: str) -> Estimate:
    return of_contrast(method, role, fitted.n, fitted.rows[of], note)


def _without(
    question: Question, everybody: NDArray[np.bool_], rows: NDArray[np.intp], method: str, note: str
) -> Estimate:
    """The same model without some people."""
    kept = everybody.copy()
    kept[rows] = False
    reason = rules.WITHIN_BETWEEN.declines(int((question.repeated & kept).sum()))
    if reason is None:
        again = fit(question, kept)
        reason = again.declined
    if reason:
        return Estimate(method, Role.SENSITIVITY, n=int(kept.sum()), declined=reason)
    return _row(method, Role.SENSITIVITY, again, WITHIN, note)


def _rm_correlation(part: Within) -> Estimate:
    """r within people with Fisher's interval, after the waves' means are taken out.

    pingouin.rm_corr leaves the waves' means in: a decline that all share then shows as a correlation.
    """
    r, df = part.r, part.df
    if df < 3 or abs(r) >= 1:
        return Estimate("rm_correlation", Role.SECONDARY, n=part.n_people, declined="too few observations a person")
    half = 1.959963984540054 / math.sqrt(df - 1)
    low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return Estimate(
        "rm_correlation",
        Role.SECONDARY,
        n=part.n_people,
        estimate=r,
        df=df,
        statistic_name="r",
        statistic=r,
        ci_low=low,
        ci_high=high,
        note="correlation within people, the waves' means taken out; interval from Fisher's z",
    )


def _fixed_effects(part: Within) -> Estimate:
    """The slope within people by least squares, with an error that is robust over people (CR1): no assumption on how
    people differ, and none on how a person's answers hang together."""
    from scipy.special import stdtr, stdtrit

    n, total = part.n_people, float(part.x @ part.x)
    error = math.sqrt(float((part.scores(part.slope) ** 2).sum()) * n / (n - 1)) / total
    if error <= 0:
        return Estimate("fixed_effects", Role.CHECK, n=n, declined="the outcome follows the predictor exactly")
    t, half = part.slope / error, float(stdtrit(n - 1, 0.975)) * error
    return Estimate(
        "fixed_effects",
        Role.CHECK,
        n=n,
        estimate=part.slope,
        std_error=error,
        df=n - 1,
        df_method="people - 1",
        statistic_name="t",
        statistic=t,
        p_value=2 * float(stdtr(n - 1, -abs(t))),
        ci_low=part.slope - half,
        ci_high=part.slope + half,
        note="least squares with people and waves as fixed effects; standard error robust over people (CR1)",
    )


def _score_flip(question: Question, part: Within, plan: Plan) -> Estimate:
    """Signs of each person's score under no slope turned at random (Hemerik, Goeman and Finos 2020); for large samples
    the normal limit."""
    from scipy.special import ndtr

    scores = part.scores(0.0)
    if part.n_people > LARGE:
        size = math.sqrt(float(scores @ scores))
        p, how = 2 * float(ndtr(-abs(float(scores.sum())) / size)), "the normal limit of turned signs"
    else:
        drawn = resamples(plan.permutations, part.n_people)
        rng = generator(plan.seed, question.finding_id, "score_flip")
        p, how = paired.sign_flip(np.round(scores, 6), drawn, rng).p_mean, "each person's score turned at random"
    return Estimate("score_flip", Role.CHECK, n=part.n_people, p_value=p, ci_level=None, note=f"p from {how}")


def _declined(question: Question, reason: str) -> Estimate:
    return Estimate(PRIMARY, Role.PRIMARY, n=int(question.repeated.sum()), declined=reason)


def _draft(question: Question, estimates: tuple[Estimate, ...], declined: str | None) -> Finding:
    return Finding(
        finding_id=question.finding_id,
        design="A2",
        outcome=question.outcome,
        predictor=question.predictor,
        population=question.population,
        estimand=ESTIMAND,
        estimates=estimates,
        contrast=question.contrast,
        n_start=int((~np.isnan(question.x[:, 0]) & ~np.isnan(question.y[:, 0])).sum()) if question.waves else None,
        exploratory=question.exploratory,
        declined=declined,
    )
