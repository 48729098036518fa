"""Inverse-probability weights: people who stayed count for those like them who left."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import firth, rules
from coprod_trust.analysis.balance import effective_n
from coprod_trust.analysis.baseline import Columns

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Weights are truncated at these percentiles (Cole & Hernan 2008, American Journal of Epidemiology 168, 656-664).
TRUNCATED_AT = (1.0, 99.0)


@dataclass(frozen=True)
class Weights:
    """``values``: one a person, 0 for those who left. ``names``: the predictors that the model had room for."""

    values: Floats
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    effective_n: float


@dataclass(frozen=True)
class Mean:
    """A weighted mean with its robust standard error; ``df`` is the effective number of people less one."""

    estimate: float
    std_error: float
    df: float
    p_value: float
    ci95: tuple[float, float]
    ci90: tuple[float, float]


def fitted(event: Bools, predictors: Columns, profile: bool = False) -> tuple[firth.Fit, Columns] | str:
    """Firth's model of ``event`` on as many predictors, in their order, as the rarer outcome carries; or why not."""
    rarer = int(min(event.sum(), (~event).sum()))
    room = min(rarer // rules.FIRTH_EVENTS.minimum, len(predictors.names))
    if not predictors.names:
        return "nothing that varies is known of everybody at the start"
    if room == 0:
        return rules.FIRTH_EVENTS.declines(rarer) or "there is no predictor"
    used = predictors.first(room)
    try:
        return firth.fit(event, used.values, used.names, profile), used
    except firth.NotFitted as error:
        return str(error)


def stabilised(stayed: Bools, predictors: Columns) -> Weights | str:
    """Share that stayed over each stayer's own probability of staying, truncated at the 1st and 99th percentile.

    The probability is that of Firth's model. Returns the reason in words where no weights can be had.
    """
    found = fitted(stayed, predictors)
    if isinstance(found, str):
        return found
    model, used = found
    raw = stayed.mean() / model.fitted[stayed]
    low, high = np.percentile(raw, TRUNCATED_AT)
    values = np.zeros(len(stayed))
    values[stayed] = np.clip(raw, low, high)
    return Weights(values, used.names, predictors.names[len(used.names) :], effective_n(values[stayed]))


def odds(event: Bools, probability: Floats) -> Floats:
    """Weights that make those without the event resemble those with it: their odds of it, 1 for the others.

    Truncated at the 99th percentile.
    """
    own = probability[~event] / (1 - probability[~event])
    weights = np.ones(len(event))
    weights[~event] = np.minimum(own, np.percentile(own, TRUNCATED_AT[1]))
    return weights


def mean(change: Floats, weights: Floats) -> Mean:
    """Weighted mean of changes; its error takes the weights as known, which is on the safe side.

    The error is that of a ratio of totals (as in R's survey::svymean); with estimated weights it is too large rather
    than too small (Lunceford & Davidian 2004, Statistics in Medicine 23, 2937-2960). The error of the stacked
    estimating equations, which is neither, was tried: at 60 people it covered less often (docs/statistics.md). t on the
    effective n less one.
    """
    from scipy.special import stdtr, stdtrit

    n, total = len(change), weights.sum()
    estimate = float(weights @ change / total)
    se = math.sqrt(n / (n - 1) * float((weights**2 * (change - estimate) ** 2).sum())) / float(total)
    df = effective_n(weights) - 1
    p = 2 * float(stdtr(df, -abs(estimate / se)))
    q95, q90 = (float(stdtrit(df, q)) * se for q in (0.975, 0.95))
    return Mean(estimate, se, df, p, (estimate - q95, estimate + q95), (estimate - q90, estimate + q90))
