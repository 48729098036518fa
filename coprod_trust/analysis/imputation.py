"""People who left: imputed from similar stayers, shifted, and pooled by Rubin's rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

IMPUTATIONS = 100
_AT_ONCE = 4_000_000


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


def impute_change(
    start_stayers: Floats, change_stayers: Floats, start_leavers: Floats, rng: np.random.Generator
) -> Drawn:
    """Draw the changes of those who left.

    Proper imputation under missing at random: the change of stayers is regressed on their starting value; residual
    variance and coefficients are drawn from their posterior under the usual flat prior, then the changes from the
    normal distribution they give (Rubin 1987, chapter 5.3). Where all start at one value the regression is a mean.
    """
    design, new = (_design(start, float(start_stayers.mean())) for start in (start_stayers, start_leavers))
    if np.ptp(start_stayers) == 0:
        design, new = design[:, :1], new[:, :1]
    n, k = design.shape
    if n <= k:
        raise ValueError("too few stayers to regress their change on the starting value")
    gram_inverse = np.linalg.inv(design.T @ design)
    beta = gram_inverse @ design.T @ change_stayers
    rss = float(((change_stayers - design @ beta) ** 2).sum())
    sigma = np.sqrt(rss / rng.chisquare(n - k, size=IMPUTATIONS))
    factor = np.linalg.cholesky(gram_inverse)
    betas = beta + sigma[:, None] * (rng.standard_normal((IMPUTATIONS, k)) @ factor.T)
    sums, squares = np.empty(IMPUTATIONS), np.empty(IMPUTATIONS)
    rows = max(1, _AT_ONCE // len(new))
    for i in range(0, IMPUTATIONS, rows):
        part = slice(i, i + rows)
        noise = rng.standard_normal((len(sigma[part]), len(new)))
        draws = betas[part] @ new.T + sigma[part, None] * noise
        sums[part], squares[part] = draws.sum(axis=1), (draws**2).sum(axis=1)
    return Drawn(len(new), sums, squares)


def _design(start: Floats, centre: float) -> Floats:
    return np.column_stack([np.ones_like(start), start - centre])


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
