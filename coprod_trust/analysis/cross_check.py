"""Our engine and statsmodels' MixedLM on the same rows: a random intercept, REML, what each finds.

MixedLM has no small-sample tests, and no covariance but that of random effects: so the two are set beside each other on
the model that both have, not on the model that decides. It takes everybody with a score in any wave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import mixed_check

Floats = NDArray[np.float64]

# Where the two are called the same: the estimate in POMP points, the standard error in relative terms (MixedLM inverts
# the observed information, our unadjusted one is of the expected: they part a little where people left), the restricted
# log-likelihood.
ESTIMATE_WITHIN = 0.005
STD_ERROR_WITHIN = 0.02
LOGLIK_WITHIN = 0.001


@dataclass(frozen=True)
class CrossCheck:
    """A row of ``cross_check``; differences are MixedLM's less ours, None where one of the two declined."""

    scale: str
    population: str
    contrast: str
    model: str
    n: int
    estimate: float | None = None
    estimate_theirs: float | None = None
    estimate_difference: float | None = None
    std_error: float | None = None
    std_error_theirs: float | None = None
    std_error_ratio: float | None = None
    loglik: float | None = None
    loglik_theirs: float | None = None
    loglik_difference: float | None = None
    agrees: bool | None = None
    declined: str | None = None


@dataclass(frozen=True)
class Pair:
    """Both fits of one scale and population."""

    theirs: mixed_check.Fit
    ours: Ours | str


@dataclass(frozen=True)
class Ours:
    """Wave means, their unadjusted covariance, and the restricted log-likelihood."""

    means: Floats
    covariance: Floats
    loglik: float


def pair(waves: tuple[str, ...], scores: Floats, covariates: Floats | None) -> Pair:
    """Fit both to people x waves of scores and people x waves x columns of covariates; waves without scores are left
    out of both."""
    return Pair(mixed_check.fit(waves, scores, covariates), _ours(waves, scores, covariates))


def _ours(waves: tuple[str, ...], scores: Floats, covariates: Floats | None) -> Ours | str:
    from coprod_trust.mixed import NotIdentified, Panel

    usable = ~np.isnan(scores)
    if covariates is not None:
        usable = usable & ~np.isnan(covariates).any(axis=2)
    kept: NDArray[np.bool_] = np.atleast_1d(usable.any(axis=0))
    seen = np.where(usable, scores, np.nan)[:, kept]
    names = tuple(w for w, k in zip(waves, kept, strict=True) if k)
    varying = {}
    if covariates is not None:
        # MixedLM is given centred covariates, so that the wave means are those of average people.
        centred = covariates[:, kept] - covariates[usable].mean(axis=0)
        varying = {f"covariate_{k + 1}": centred[..., k] for k in range(covariates.shape[2])}
    people = (~np.isnan(seen)).any(axis=1)
    try:
        panel = Panel.from_matrix(
            seen[people], names, np.empty((int(people.sum()), 0)), (), {k: v[people] for k, v in varying.items()}
        )
        fitted = panel.fit(" + ".join(["wave", *varying]), covariance="random-intercept")
    except NotIdentified as error:
        return str(error)
    # Means of the waves: the intercept, and the intercept with each wave's difference from the first.
    turn = np.zeros((len(names), len(fitted.terms)))
    turn[:, 0] = 1.0
    for k, wave in enumerate(names[1:], start=1):
        turn[k, fitted.terms.index(f"wave[T.{wave}]")] = 1.0
    return Ours(turn @ fitted.beta, turn @ fitted.covariance_of_beta @ turn.T, fitted.loglik)


def compare(found: Pair, scale: str, population: str, wave_from: str, wave_to: str) -> CrossCheck:
    """The change between two waves by both."""
    theirs, ours = found.theirs, found.ours
    row = CrossCheck(scale, population, f"{wave_from}-{wave_to}", theirs.method, theirs.n)

    def declined(reason: str) -> CrossCheck:
        return CrossCheck(row.scale, row.population, row.contrast, row.model, row.n, declined=reason)

    if isinstance(ours, str):
        return declined(f"by ours: {ours}")
    if theirs.means is None or theirs.covariance is None or theirs.loglik is None:
        return declined(f"by MixedLM: {theirs.declined}")
    if wave_from not in theirs.waves or wave_to not in theirs.waves:
        return declined("one of the waves has no scores in this model")
    a, b = theirs.waves.index(wave_from), theirs.waves.index(wave_to)
    weights = np.zeros(len(theirs.waves))
    weights[a], weights[b] = -1.0, 1.0
    variance = float(weights @ theirs.covariance @ weights)
    if not variance > 0:
        return declined("by MixedLM: its covariance matrix gives no standard error")
    mine, other = float(weights @ ours.means), float(weights @ theirs.means)
    se, se_other = float(weights @ ours.covariance @ weights) ** 0.5, variance**0.5
    return CrossCheck(
        row.scale,
        row.population,
        row.contrast,
        row.model,
        row.n,
        estimate=mine,
        estimate_theirs=other,
        estimate_difference=other - mine,
        std_error=se,
        std_error_theirs=se_other,
        std_error_ratio=se_other / se,
        loglik=ours.loglik,
        loglik_theirs=theirs.loglik,
        loglik_difference=theirs.loglik - ours.loglik,
        agrees=abs(other - mine) <= ESTIMATE_WITHIN
        and abs(se_other / se - 1) <= STD_ERROR_WITHIN
        and abs(theirs.loglik - ours.loglik) <= LOGLIK_WITHIN,
    )
