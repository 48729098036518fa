"""Internal consistency of a scale in one wave."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
from coprod_trust.analysis.correlation import pearson
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.factor import omega_with_interval

Floats = NDArray[np.float64]

# The coefficients from which measurement error follows; omega stands beside alpha.
ERROR_FROM = ("alpha", "spearman_brown")


@dataclass(frozen=True)
class Reliability:
    """A coefficient with its 95 % interval, or why there is none. ``n`` people answered all ``n_items`` items."""

    scale: str
    wave: str
    population: str
    coefficient: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    n_items: int
    declined: str | None = None


def declined_reliability(scale: str, wave: str, population: str, n_items: int, reason: str, n: int = 0) -> Reliability:
    """No coefficient, and why."""
    coefficient = "spearman_brown" if n_items == 2 else "alpha"
    return Reliability(scale, wave, population, coefficient, None, None, None, n, n_items, reason)


def reliability(
    scale: str, wave: str, population: str, items: Floats, with_omega: bool = True
) -> tuple[Reliability, ...]:
    """Alpha with Feldt's interval and omega for three items or more, Spearman-Brown for two, none for one.

    ``items`` is people x items, reversed items already turned, NaN where there is no answer. People without all
    answers are left out, and so are items that nobody answered. A question that everybody answered alike says nothing
    of consistency: declined.
    """
    items_asked = items.shape[1]
    items = items[:, ~np.isnan(items).all(axis=0)]
    complete = items[~np.isnan(items).any(axis=1)]
    n, k = len(complete), items.shape[1]
    if k == 0:
        return (declined_reliability(scale, wave, population, items_asked, "nobody answered it"),)
    reason = _why_declined(complete)
    if reason:
        return (declined_reliability(scale, wave, population, k, reason, n),)
    if k == 2:
        return (Reliability(scale, wave, population, "spearman_brown", *spearman_brown(complete), n, k),)
    alpha = Reliability(scale, wave, population, "alpha", *alpha_with_interval(complete), n, k)
    if not with_omega:
        return (alpha,)
    omega = omega_with_interval(complete)
    if isinstance(omega, str):
        return alpha, Reliability(scale, wave, population, "omega", None, None, None, n, k, omega)
    return alpha, Reliability(scale, wave, population, "omega", *omega, n, k)


def _why_declined(complete: Floats) -> str | None:
    """Why no coefficient is computed of these people x items, or None."""
    n, k = complete.shape
    if k < 2:
        return "one item has no internal consistency"
    too_few = rules.ALPHA.declines(n)
    if too_few:
        return too_few
    constant = int(np.count_nonzero(complete.max(axis=0) == complete.min(axis=0)))
    if constant:
        return f"{constant} of {k} items {'was' if constant == 1 else 'were'} answered alike by everybody"
    if k == 2 and pearson(complete[:, 0], complete[:, 1]) <= 1e-12 - 1:
        return "the two items run exactly opposite to one another"
    return None


def alpha_with_interval(items: Floats, level: float = 0.95) -> tuple[float, float, float]:
    """Cronbach's alpha (pingouin) with Feldt's interval (1965), for people x items without gaps.

    pingouin rounds the interval to three decimals, and after listwise deletion takes n from before it; so gaps are
    refused here and the interval is computed unrounded.
    """
    from pandas import DataFrame
    from pingouin.reliability import cronbach_alpha
    from scipy.special import fdtri

    if np.isnan(items).any():
        raise ValueError("alpha is computed on people who answered all items")
    n, k = items.shape
    value = float(cronbach_alpha(DataFrame(items))[0])
    df1, df2 = n - 1, (n - 1) * (k - 1)
    low, high = (1 - (1 - value) * float(fdtri(df1, df2, p)) for p in ((1 + level) / 2, (1 - level) / 2))
    return value, low, high


def spearman_brown(items: Floats) -> tuple[float, float, float]:
    """2r / (1 + r) (Eisinga, te Grotenhuis and Pelzer 2013), the ends of the interval from Fisher's z of r."""
    r = pearson(items[:, 0], items[:, 1])
    if r >= 1 - 1e-12:
        return 1.0, 1.0, 1.0
    half = 1.959963984540054 / (len(items) - 3) ** 0.5
    limits = (r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))
    value, low, high = (2 * x / (1 + x) for x in limits)
    return value, low, high


def reliabilities(measured: Measured) -> Iterator[Reliability]:
    """The coefficients of each scale, wave and group, or why there is none; omega in a full plan."""
    with_omega = measured.study.plan.analyses == "full"
    for scale in measured.scales:
        for wave in measured.asked_in(scale):
            items = measured.items(scale, wave)
            blocked = measured.blocked.get((scale.id, wave))
            for population in measured.populations(scale):
                group = population.group
                if items is None or blocked is not None:
                    reason = blocked or "none of its items was in the files of this wave"
                    yield declined_reliability(scale.id, wave, group, len(scale.items), reason)
                else:
                    yield from reliability(scale.id, wave, group, items[measured.member(population)], with_omega)
