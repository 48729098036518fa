"""Does a path lead from one thing at the start over another in between to an outcome at the end? (design A7)

Asked only over three waves in their order and always exploratory: an association along a path, with everything that was
not measured left out of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import correlation, rules
from coprod_trust.analysis.design import Answer, BetweenWaves, Plain
from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.relation import Pending
from coprod_trust.analysis.seeds import generator, resamples
from coprod_trust.study.model import Plan

Floats = NDArray[np.float64]

PRIMARY = "indirect_path"
ESTIMAND = (
    "product of two slopes: of what lies between on the start, its own start held, and of the outcome on what lies "
    "between, the start and the outcome's earlier score held"
)


@dataclass(frozen=True)
class Question(BetweenWaves):
    """``start`` at the first wave; ``between`` at the first and the middle one; ``outcome`` at the middle and the last
    (people x 2)."""

    start_id: str
    between_id: str
    outcome_id: str
    waves: tuple[str, str, str]
    start: Floats
    between: Floats
    outcome: Floats
    population: str
    declined: str | None = None

    @property
    def about(self) -> str:
        return f"mediation.{self.start_id}-{self.between_id}-{self.outcome_id}"

    @property
    def ends(self) -> tuple[str, str]:
        return self.waves[0], self.waves[2]

    @property
    def rows(self) -> Floats:
        """Start, what lies between (before, then), outcome (before, then) of the people who have all five."""
        table = np.column_stack([self.start, self.between, self.outcome])
        return np.asarray(table[~np.isnan(table).any(axis=1)])


def answer(question: Question, plan: Plan) -> Answer:
    """The question tested, or declined."""
    rows = question.rows
    reason = question.declined or rules.MEDIATION.declines(len(rows))
    paths = None if reason else weighted_paths(rows, np.ones((1, len(rows))))
    if reason is None and (paths is None or not np.isfinite(paths).all()):
        reason = "one of the scores does not vary apart from the others"
    if reason or paths is None:
        declined = Estimate(PRIMARY, Role.PRIMARY, n=len(rows), declined=reason)
        return Plain(_draft(question, (declined,), reason), question.name, question.slot)
    draft = _draft(question, _estimates(question, plan, rows, paths[0]), None)
    return Pending(draft, question.name, question.slot, rules.verdict_on_relation)


def weighted_paths(rows: Floats, weights: Floats) -> Floats:
    """The slopes a (between on start), b (outcome on between) and direct (outcome on start) under each row of
    ``weights`` (resamples x people): resamples x 3, NaN where a regression is not determined."""
    x, m0, m1, y1, y2 = (rows - rows.mean(axis=0)).T / rows.std(axis=0).clip(1e-12)[:, None]
    ones = np.ones_like(x)
    scale = rows.std(axis=0)
    first = _slopes(np.column_stack([ones, x, m0]), m1, weights)
    second = _slopes(np.column_stack([ones, m1, x, y1]), y2, weights)
    return np.column_stack(
        [first[:, 1] * scale[2] / scale[0], second[:, 1] * scale[4] / scale[2], second[:, 2] * scale[4] / scale[0]]
    )


def _slopes(design: Floats, y: Floats, weights: Floats) -> Floats:
    k = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(y), k * k)
    gram = (weights @ products).reshape(-1, k, k)
    moment = weights @ (design * y[:, None])
    found = np.full((len(weights), k), np.nan)
    usable = np.linalg.eigvalsh(gram)[:, 0] > 1e-8 * len(y)
    if usable.any():
        found[usable] = np.linalg.solve(gram[usable], moment[usable][:, :, None])[:, :, 0]
    return found


def _estimates(question: Question, plan: Plan, rows: Floats, paths: Floats) -> tuple[Estimate, ...]:
    n = len(rows)
    if n > correlation.LARGE:
        return _large(rows, paths)
    drawn = resamples(plan.bootstraps, n)
    rng = generator(plan.seed, question.finding_id, "bootstrap")
    draws = np.concatenate(
        [weighted_paths(rows, correlation.bootstrap_weights(n, size, rng)) for size in correlation.chunks(drawn, n)]
    )
    draws = draws[~np.isnan(draws).any(axis=1)]
    indirect = draws[:, 0] * draws[:, 1]
    low, high = (float(q) for q in np.quantile(indirect, [0.025, 0.975]))
    # The smallest level at which the percentile interval leaves out 0.
    below = (float((indirect <= 0).sum()) + 1) / (len(indirect) + 1)
    above = (float((indirect >= 0).sum()) + 1) / (len(indirect) + 1)
    found = [
        Estimate(
            PRIMARY,
            Role.PRIMARY,
            n=n,
            estimate=float(paths[0] * paths[1]),
            p_value=min(1.0, 2 * min(below, above)),
            ci_low=low,
            ci_high=high,
            note=f"percentile interval and p from {drawn} resamples; an association along a path, exploratory",
        )
    ]
    named = (
        ("path_a", "of what lies between, for a point at the start"),
        ("path_b", "of the outcome, for a point of what lies between"),
        ("direct_path", "of the outcome, for a point at the start, what lies between held"),
    )
    for k, (method, note) in enumerate(named):
        ends = np.quantile(draws[:, k], [0.025, 0.975])
        found.append(
            Estimate(
                method,
                Role.SECONDARY,
                n=n,
                estimate=float(paths[k]),
                ci_low=float(ends[0]),
                ci_high=float(ends[1]),
                note=f"points {note}; percentile interval",
            )
        )
    return tuple(found)


def _large(rows: Floats, paths: Floats) -> tuple[Estimate, ...]:
    """The limits of large samples, from each person's influence on the slopes: right without normal residuals."""
    from scipy.special import ndtr

    x, m0, m1, y1, y2 = rows.T
    ones = np.ones_like(x)
    a = _ols_influence(np.column_stack([ones, x, m0]), m1)[:, 1]
    second = _ols_influence(np.column_stack([ones, m1, x, y1]), y2)
    product = float(paths[0] * paths[1])
    moves = {
        PRIMARY: (product, paths[1] * a + paths[0] * second[:, 1]),
        "path_a": (float(paths[0]), a),
        "path_b": (float(paths[1]), second[:, 1]),
        "direct_path": (float(paths[2]), second[:, 2]),
    }
    found = []
    for method, (value, influence) in moves.items():
        error = float(np.sqrt(influence @ influence))
        primary = method == PRIMARY
        found.append(
            Estimate(
                method,
                Role.PRIMARY if primary else Role.SECONDARY,
                n=len(rows),
                estimate=value,
                std_error=error,
                p_value=2 * float(ndtr(-abs(value) / error)) if primary else None,
                ci_low=value - 1.959963984540054 * error,
                ci_high=value + 1.959963984540054 * error,
                note="interval from each person's influence; an association along a path, exploratory",
            )
        )
    return tuple(found)


def _ols_influence(design: Floats, y: Floats) -> Floats:
    """How far each person moves each coefficient of least squares (people x coefficients)."""
    centred = np.column_stack([design[:, :1], design[:, 1:] - design[:, 1:].mean(axis=0)])
    gram = centred.T @ centred
    residual = y - centred @ np.linalg.solve(gram, centred.T @ y)
    return np.asarray(np.linalg.solve(gram, (centred * residual[:, None]).T).T)


def _draft(question: Question, estimates: tuple[Estimate, ...], declined: str | None) -> Finding:
    return Finding(
        finding_id=question.finding_id,
        design="A7",
        outcome=question.outcome_id,
        predictor=question.between_id,
        population=question.population,
        estimand=ESTIMAND,
        estimates=estimates,
        contrast=question.contrast,
        n_start=int((~np.isnan(question.start)).sum()),
        exploratory=True,
        declined=declined,
        note=f"from {question.start_id} at {question.waves[0]} over {question.between_id} at {question.waves[1]}",
    )
