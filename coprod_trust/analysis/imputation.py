"""People who left: imputed from similar stayers, shifted, and pooled by Rubin's rules."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

IMPUTATIONS = 100

# A wave between is used where this many degrees of freedom are left to regress on it.
_LEAST_DF = 8
_SINGULAR = 1e-10


@dataclass(frozen=True)
class Pooled:
    """A mean change over imputed data sets; ``df`` after Barnard and Rubin (1999)."""

    estimate: float
    std_error: float
    df: float
    p_value: float
    ci95: tuple[float, float]
    ci90: tuple[float, float]


@dataclass(frozen=True)
class Drawn:
    """Imputed changes of those who left, as all that is needed of them: per imputation their sum and sum of squares."""

    n: int
    sums: Floats
    squares: Floats


@dataclass(frozen=True)
class Regression:
    """One variable regressed on earlier ones among those who have both: what its posterior is drawn from."""

    beta: Floats
    factor: Floats
    rss: float
    df: int

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Coefficients (imputations x predictors) and residual variances, under the usual flat prior."""
        variance = self.rss / rng.chisquare(self.df, size=IMPUTATIONS)
        noise = rng.standard_normal((IMPUTATIONS, self.factor.shape[1])) @ self.factor.T
        return self.beta + np.sqrt(variance)[:, None] * noise, variance


def impute_change(known: Floats, between: Floats, change: Floats, rng: np.random.Generator) -> Drawn:
    """Draw the changes of those who left: the people whose ``change`` is NaN.

    ``known``: people x predictors without gaps, the starting value first. ``between``: people x waves between the two,
    NaN where somebody has no score. ``change``: NaN for those who left.

    Proper imputation under missing at random, by a chain of normal regressions in order of time (Rubin 1987, chapter
    5.4): each wave between is regressed on what came before it, and the change on all of it; coefficients and residual
    variances are drawn from their posterior, then the changes. Who left after a wave between is imputed from that wave
    too. Of normal draws only the sum and the sum of squares over the leavers are used, and those are drawn straight
    from their own distribution: exactly the same, at a cost that does not grow with the number of people.
    """
    left = np.isnan(change)
    centred = known - known[~left].mean(axis=0)
    design = _independent(np.column_stack([np.ones(len(change)), centred]), ~left)
    seen = ~np.isnan(between)
    # A wave helps where a leaver was seen in it and enough stayers were too.
    useful = [
        w
        for w in range(between.shape[1])
        if (seen[:, w] & left).any() and int((seen[:, w] & ~left).sum()) - design.shape[1] - w >= _LEAST_DF
    ]
    if useful and int((seen[:, useful].all(axis=1) & ~left).sum()) - design.shape[1] - len(useful) < _LEAST_DF:
        useful = []
    scores, seen = between[:, useful], seen[:, useful]
    regressions: dict[tuple[int, tuple[int, ...]], tuple[Floats, Floats]] = {}

    def drawn(target: int, waves: tuple[int, ...]) -> tuple[Floats, Floats]:
        """The draws for a wave, or for the change (-1), from the design and those waves; the same for all leavers."""
        if (target, waves) not in regressions:
            outcome = change if target < 0 else scores[:, target]
            rows = seen[:, list(waves)].all(axis=1) & ~np.isnan(outcome)
            predictors = np.column_stack([design[rows], scores[rows][:, list(waves)]])
            regressions[target, waves] = _regress(predictors, outcome[rows]).draw(rng)
        return regressions[target, waves]

    sums, squares = np.zeros(IMPUTATIONS), np.zeros(IMPUTATIONS)
    patterns, which = np.unique(seen[left], axis=0, return_inverse=True)
    for k, pattern in enumerate(patterns):
        own = np.flatnonzero(left)[which.reshape(-1) == k]
        last = int(np.flatnonzero(pattern)[-1]) if pattern.any() else -1
        had = tuple(w for w in range(len(pattern)) if pattern[w])
        chain = (*had, *range(last + 1, len(pattern)))
        beta, variance = drawn(-1, chain)
        for w in reversed(chain[len(had) :]):
            earlier, own_variance = drawn(w, chain[: chain.index(w)])
            slope = beta[:, -1:]
            beta, variance = beta[:, :-1] + slope * earlier, variance + slope[:, 0] ** 2 * own_variance
        added = _summed(np.column_stack([design[own], scores[own][:, list(had)]]), beta, variance, rng)
        sums, squares = sums + added[0], squares + added[1]
    return Drawn(int(left.sum()), sums, squares)


def _independent(design: Floats, among: NDArray[np.bool_]) -> Floats:
    """The columns that do not follow from the ones before them among those people."""
    kept: list[int] = []
    for j in range(design.shape[1]):
        if np.linalg.matrix_rank(design[among][:, [*kept, j]]) > len(kept):
            kept.append(j)
    return design[:, kept]


def _regress(predictors: Floats, outcome: Floats) -> Regression:
    """Least squares; where a predictor follows from others, as a wave that repeats the start, in the space left."""
    n = len(predictors)
    size = np.sqrt((predictors**2).mean(axis=0))
    size[size == 0] = 1.0
    scaled = predictors / size
    values, vectors = np.linalg.eigh(scaled.T @ scaled / n)
    kept = values > _SINGULAR * values[-1]
    df = n - int(kept.sum())
    if df < 1:
        raise ValueError("too few stayers to regress their change on what is known of them")
    factor = vectors[:, kept] / np.sqrt(n * values[kept])
    beta = factor @ (factor.T @ (scaled.T @ outcome))
    rss = float(((outcome - scaled @ beta) ** 2).sum())
    return Regression(beta / size, factor / size[:, None], rss, df)


def _summed(predictors: Floats, beta: Floats, variance: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Sum and sum of squares of x'b + e over those people, for each draw of b and of the variance of e.

    With z standard normal, the sum of z is sqrt(n) z1, that of (x'b less its mean) z is r z2, and the sum of z squared
    is z1^2 + z2^2 and a chi-square on the n - 2 dimensions that are left.
    """
    n, sd = len(predictors), np.sqrt(variance)
    first = beta @ predictors.sum(axis=0)
    second = ((beta @ (predictors.T @ predictors)) * beta).sum(axis=1)
    spread = np.sqrt(np.maximum(second - first**2 / n, 0))
    z1, z2 = rng.standard_normal((2, IMPUTATIONS))
    if n == 1:
        z2 = np.zeros(IMPUTATIONS)
    rest = rng.chisquare(n - 2, size=IMPUTATIONS) if n > 2 else np.zeros(IMPUTATIONS)
    cross = first / math.sqrt(n) * z1 + spread * z2
    return first + sd * math.sqrt(n) * z1, second + 2 * sd * cross + variance * (z1**2 + z2**2 + rest)


def pool(change_stayers: Floats, drawn: Drawn, shift: float = 0.0) -> Pooled:
    """Mean change of stayers and leavers together, every leaver's draw moved by ``shift``."""
    n = len(change_stayers) + drawn.n
    sums = change_stayers.sum() + drawn.sums + drawn.n * shift
    squares = (change_stayers**2).sum() + drawn.squares + 2 * shift * drawn.sums + drawn.n * shift**2
    means = sums / n
    within = float(np.mean((squares - n * means**2) / (n - 1) / n))
    return rubin(float(means.mean()), within, float(means.var(ddof=1)), len(means), n - 1)


def rubin(estimate: float, within: float, between: float, m: int, df_complete: float) -> Pooled:
    """Rubin's rules with the degrees of freedom of Barnard and Rubin (1999, Biometrika 86, 948-955).

    ``within`` is the mean of the squared standard errors, ``between`` the variance of the estimates over the ``m``
    imputations, ``df_complete`` what the test would have had without missing values.
    """
    from scipy.special import stdtr, stdtrit

    total = within + (1 + 1 / m) * between
    if total <= 0:
        raise ValueError("the pooled variance is zero")
    share = (1 + 1 / m) * between / total
    df_observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    df = df_observed if share == 0 else 1 / (share**2 / (m - 1) + 1 / df_observed)
    se = total**0.5
    p = 2 * float(stdtr(df, -abs(estimate / se)))
    q95, q90 = (float(stdtrit(df, q)) * se for q in (0.975, 0.95))
    return Pooled(estimate, se, df, p, (estimate - q95, estimate + q95), (estimate - q90, estimate + q90))
