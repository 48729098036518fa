"""Which of two scores goes before the other within people? The random-intercept cross-lagged panel (design A2).

Hamaker, Kuiper & Grasman (2015): each score is the wave's mean, a person's own lasting level, and a deviation from
both; deviations go with those of both scores at the wave before. Lags are alike from wave to wave, so waves must be
equally far apart. Fitted to everybody with any of the scores (``analysis/structural.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules, structural
from coprod_trust.analysis.design import Answer, Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.relation import Pending
from coprod_trust.analysis.within_between import Question as WithinQuestion

Floats = NDArray[np.float64]

PRIMARY = "cross_lagged"
ESTIMAND = (
    "points of the outcome's deviation from a person's own level for a point of the predictor's deviation at the wave "
    "before, the outcome's own deviation then held"
)
# Gaps between waves count as alike up to this share of the longest.
ALIKE = 0.8
# Lags by name, as (outcome, predictor) of 0: x and 1: y.
LAGS = {
    PRIMARY: (1, 0),
    "cross_lagged_back": (0, 1),
    "autoregressive_outcome": (1, 1),
    "autoregressive_predictor": (0, 0),
}
NOTES = {
    "cross_lagged_back": "points of the predictor for a point of the outcome's deviation at the wave before",
    "autoregressive_outcome": "points of the outcome for a point of its own deviation at the wave before",
    "autoregressive_predictor": "points of the predictor for a point of its own deviation at the wave before",
}
_STEP = 1e-30


@dataclass(frozen=True)
class Panel:
    """The model of x and y at ``waves`` waves; variables are x and y of the first wave, then of the second, ...

    State: means (2 a wave); covariance of the lasting levels, and of the deviations at the first wave (xx, xy, yy);
    lags (x on x, x on y, y on x, y on y; of each wave where not ``alike``); residual covariance of each later wave.
    """

    waves: int
    alike: bool = True

    @property
    def size(self) -> int:
        later = self.waves - 1
        return 2 * self.waves + 6 + 4 * (1 if self.alike else later) + 3 * later

    @property
    def first_lag(self) -> int:
        return 2 * self.waves + 6

    def implied(self, state: Floats) -> tuple[Floats, Floats]:
        """Means and covariance of the variables; of a complex state too."""
        k, at = self.waves, 2 * self.waves
        level, own = _symmetric(state[at : at + 3]), _symmetric(state[at + 3 : at + 6])
        rest = state[self.first_lag + 4 * (1 if self.alike else k - 1) :].reshape(k - 1, 3)
        sigma = np.tile(level, (k, k))
        along = own  # deviations of a wave: their covariance
        for w in range(k):
            sigma[2 * w : 2 * w + 2, 2 * w : 2 * w + 2] += along
            ahead = along
            for v in range(w + 1, k):
                ahead = ahead @ self._lag(state, v).T
                sigma[2 * w : 2 * w + 2, 2 * v : 2 * v + 2] += ahead
                sigma[2 * v : 2 * v + 2, 2 * w : 2 * w + 2] += ahead.T
            if w + 1 < k:
                lag = self._lag(state, w + 1)
                along = lag @ along @ lag.T + _symmetric(rest[w])
        return state[:at], sigma

    def _lag(self, state: Floats, wave: int) -> Floats:
        first = self.first_lag + (0 if self.alike else 4 * (wave - 1))
        return state[first : first + 4].reshape(2, 2)

    def derivatives(self, state: Floats) -> tuple[Floats, Floats]:
        """By complex steps, which are exact: the moments are polynomials of the state."""
        p = 2 * self.waves
        d_mu, d_sigma = np.zeros((self.size, p)), np.zeros((self.size, p, p))
        for j in range(self.size):
            moved = state.astype(complex)
            moved[j] += _STEP * 1j
            mu, sigma = self.implied(moved)
            d_mu[j], d_sigma[j] = mu.imag / _STEP, sigma.imag / _STEP
        return d_mu, d_sigma

    def start(self, mean: Floats, covariance: Floats) -> Floats:
        """Half of the covariance lasting, the rest without lags."""
        k = self.waves
        blocks = np.array([covariance[2 * w : 2 * w + 2, 2 * w : 2 * w + 2] for w in range(k)])
        apart = [covariance[2 * v : 2 * v + 2, 2 * w : 2 * w + 2] for v in range(k) for w in range(v + 1, k)]
        level = np.mean(apart, axis=0)
        level = (level + level.T) / 2
        values, vectors = np.linalg.eigh(level)
        smallest = np.linalg.eigvalsh(blocks.mean(axis=0))[0]
        level = vectors @ np.diag(values.clip(0.05 * smallest)) @ vectors.T
        while min(np.linalg.eigvalsh(block - level)[0] for block in blocks) <= 0.1 * smallest:
            level = level * 0.8
        own = [block - level for block in blocks]
        lags = np.zeros(4 * (1 if self.alike else k - 1))
        return np.concatenate([mean, _lower(level), _lower(own[0]), lags, *(_lower(o) for o in own[1:])])

    def improper(self, state: Floats) -> bool:
        """Whether the lasting levels, or the deviations of a wave, have a covariance that is none."""
        at = 2 * self.waves
        rest = state[self.first_lag + 4 * (1 if self.alike else self.waves - 1) :].reshape(-1, 3)
        parts = [state[at : at + 3], state[at + 3 : at + 6], *rest]
        return any(np.linalg.eigvalsh(_symmetric(part))[0] <= 0 for part in parts)


def _symmetric(values: Floats) -> Floats:
    return np.array([[values[0], values[1]], [values[1], values[2]]])


def _lower(matrix: Floats) -> Floats:
    return np.array([matrix[0, 0], matrix[1, 0], matrix[1, 1]])


@dataclass(frozen=True)
class Question(WithinQuestion):
    """Scores as the within-between model has them; ``months`` of the waves."""

    months: tuple[float, ...] = ()

    @property
    def about(self) -> str:
        return f"cross_lagged.{self.predictor}-{self.outcome}"

    @cached_property
    def values(self) -> Floats:
        """People x variables in the order of ``Panel``."""
        return np.stack([self.x, self.y], axis=2).reshape(len(self.x), -1)


def answer(question: Question) -> Answer:
    """The question tested, or declined."""
    n = int(question.repeated.sum())
    found = why_declined(question) or _estimates(question)
    if isinstance(found, str):
        declined = Estimate(PRIMARY, Role.PRIMARY, n=n, declined=found)
        return Plain(_draft(question, (declined,), found), question.name, question.slot)
    return Pending(_draft(question, found, None), question.name, question.slot, rules.verdict_on_relation)


def why_declined(question: Question) -> str | None:
    """Why the question is not asked of these people and waves, or None."""
    if question.declined:
        return question.declined
    reason = rules.WITHIN_BETWEEN_WAVES.declines(len(question.waves))
    reason = reason or rules.CROSS_LAGGED.declines(int(question.repeated.sum()))
    if reason:
        return reason
    gaps = np.diff(question.months)
    if gaps.min() < ALIKE * gaps.max():
        return "the waves are not equally far apart, so that what goes from wave to wave is not one thing"
    complete = int((~np.isnan(question.values)).all(axis=1).sum())
    if complete <= question.values.shape[1]:
        return f"{complete} answered everything at every wave; more people than scores are needed"
    return None


def fit(model: Panel, data: structural.Sample, free: structural.Moments) -> Floats | str:
    """The state that fits best, or why there is none."""
    state = structural.fit(model, model.start(free.mean, free.covariance), data, free)
    if state is None:
        return "the model did not converge"
    if model.improper(state):
        return "no lasting level is left that people differ in, or no deviation from it"
    return state


def _estimates(question: Question) -> tuple[Estimate, ...] | str:
    from scipy.special import chdtrc, ndtr

    values = question.values
    unit = float(np.nanstd(values)) or 1.0
    data = structural.sample(values / unit)
    free = structural.moments(data)
    if free is None:
        return "the scores determine one another"
    model = Panel(len(question.waves))
    state = fit(model, data, free)
    if isinstance(state, str):
        return state
    covariance = structural.covariance_of(model, state, data)
    if covariance is None:
        return "the lags cannot be told apart from lasting levels"
    fits = structural.indices(model, state, data, free)
    note = (
        f"{data.n} people with any of the scores; lags alike from wave to wave; fit of the model: "
        f"chi-square {fits.chi2:.2f} on {fits.df} df, p = {fits.p_value:.3f}"
    )
    found = []
    for method, (to, of) in LAGS.items():
        place = model.first_lag + 2 * to + of
        value, error = float(state[place]), float(np.sqrt(covariance[place, place]))
        found.append(
            Estimate(
                method,
                Role.PRIMARY if method == PRIMARY else Role.SECONDARY,
                n=int(question.repeated.sum()),
                estimate=value,
                std_error=error,
                statistic_name="z",
                statistic=value / error,
                p_value=2 * float(ndtr(-abs(value / error))),
                ci_low=value - 1.959963984540054 * error,
                ci_high=value + 1.959963984540054 * error,
                note=NOTES.get(method, note),
            )
        )
    apart = Panel(len(question.waves), alike=False)
    loose = fit(apart, data, free)
    if not isinstance(loose, str):
        gained = max(fits.chi2 - structural.indices(apart, loose, data, free).chi2, 0.0)
        more = apart.size - model.size
        found.append(
            Estimate(
                "lags_alike",
                Role.CHECK,
                n=int(question.repeated.sum()),
                df=more,
                statistic_name="chi2",
                statistic=gained,
                p_value=float(chdtrc(more, gained)),
                note="against lags of their own from wave to wave",
            )
        )
    return tuple(found)


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
        n_start=int(question.people.sum()),
        exploratory=question.exploratory,
        declined=declined,
    )
