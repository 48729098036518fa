"""The correlation of two changes, corrected for the unreliability of change scores.

An upper bound: variance that is specific to an item and stable over the waves counts as error here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
from coprod_trust.analysis.correlation import LARGE, bootstrap_weights, chunks
from coprod_trust.analysis.finding import Estimate, Role

Floats = NDArray[np.float64]

METHOD = "disattenuated_r"
# With more unusable resamples than this the interval would describe only the lucky ones.
_MOST_UNUSABLE = 0.05
_UPPER_BOUND = "an upper bound: what is specific to an item and stable counts as error"

_Covariance = Callable[[Floats, Floats], Floats]

ScaleItems = tuple[str, Floats, Floats]
"""A scale's id and its items at the two waves (people x items, no gaps)."""


def estimate(x: ScaleItems, y: ScaleItems, resamples: int, rng: np.random.Generator) -> Estimate:
    """r / sqrt(rel rel) with a percentile interval; the reliabilities are computed anew in every resample.

    Declined where people are too few, a reliability of change is under .40, or the corrected r would exceed 1.
    """
    n = len(x[1])

    def declined(reason: str) -> Estimate:
        return Estimate(METHOD, Role.SECONDARY, n=n, declined=reason)

    too_few = rules.ALPHA.declines(n)
    if too_few:
        return declined(too_few)
    for name, start, end in (x, y):
        if start.shape != end.shape:
            return declined(f"{name} does not have the same items at both waves")
        if start.shape[1] < 2:
            return declined(f"{name} is one item, whose reliability is not known")
    moments = _Moments(x, y)
    r, rel_x, rel_y = (float(v[0]) for v in moments.statistics(np.ones((1, n))))
    if not np.isfinite([r, rel_x, rel_y]).all():
        return declined("an item or a change does not vary")
    for (name, *_), reliability in ((x, rel_x), (y, rel_y)):
        if reliability < rules.DISATTENUATION_MINIMUM_RELIABILITY:
            return declined(f"the reliability of change in {name} is {reliability:.2f}, under .40")
    corrected = r / (rel_x * rel_y) ** 0.5
    if abs(corrected) > 1:
        return declined("the corrected correlation would be beyond 1, so the reliabilities are too low by chance")
    low, high, unusable = _interval(moments, n, resamples, rng) if n <= LARGE else (None, None, 0.0)
    note = f"{_UPPER_BOUND}; reliability of change: {x[0]} {rel_x:.2f}, {y[0]} {rel_y:.2f}; observed r {r:.2f}"
    if n > LARGE:
        note += f"; no interval: none is drawn for more than {LARGE} people"
    elif low is None:
        note += f"; no interval: {unusable:.0%} of the resamples gave no reliability above 0"
    return Estimate(
        METHOD,
        Role.SECONDARY,
        n=n,
        estimate=corrected,
        statistic_name="r",
        statistic=corrected,
        ci_low=low,
        ci_high=high,
        note=note,
    )


def _interval(
    moments: _Moments, n: int, resamples: int, rng: np.random.Generator
) -> tuple[float | None, float | None, float]:
    draws = []
    for size in chunks(resamples, n):
        r, rel_x, rel_y = moments.statistics(bootstrap_weights(n, size, rng))
        with np.errstate(invalid="ignore", divide="ignore"):
            draws.append(np.where((rel_x > 0) & (rel_y > 0), r / np.sqrt(rel_x * rel_y), np.nan))
    values = np.concatenate(draws)
    unusable = float(np.isnan(values).mean())
    if unusable > _MOST_UNUSABLE:
        return None, None, unusable
    low, high = np.quantile(np.clip(values[~np.isnan(values)], -1, 1), [0.025, 0.975])
    return float(low), float(high), unusable


class _Moments:
    """Sums from which r and both reliabilities follow under any weights of the people."""

    def __init__(self, x: ScaleItems, y: ScaleItems) -> None:
        self._cells = [_centred(items) for _, *waves in (x, y) for items in waves]
        self._changes = [_change(start, end) for _, start, end in (x, y)]

    def statistics(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """r, and the reliability of both changes, under each row of ``weights`` (resamples x n)."""
        total = weights.sum(axis=1)

        def covariance(a: Floats, b: Floats) -> Floats:
            out: Floats = weights @ (a * b) / total - (weights @ a / total) * (weights @ b / total)
            return out

        errors = [self._error_variance(cell, covariance) for cell in self._cells]
        dx, dy = self._changes
        vx, vy, vxy = covariance(dx, dx), covariance(dy, dy), covariance(dx, dy)
        with np.errstate(invalid="ignore", divide="ignore"):
            rel_x = np.where(vx > 1e-12, 1 - (errors[0] + errors[1]) / vx, np.nan)
            rel_y = np.where(vy > 1e-12, 1 - (errors[2] + errors[3]) / vy, np.nan)
            return vxy / np.sqrt(vx * vy), rel_x, rel_y

    @staticmethod
    def _error_variance(items: Floats, covariance: _Covariance) -> Floats:
        """s^2 (1 - a) of the mean of the items: a is alpha, or Spearman-Brown for two items."""
        k = items.shape[1]
        total = items.sum(axis=1)
        variances = [covariance(column, column) for column in items.T]
        of_total = covariance(total, total)
        with np.errstate(invalid="ignore", divide="ignore"):
            if k == 2:
                r = (of_total - variances[0] - variances[1]) / 2 / np.sqrt(variances[0] * variances[1])
                coefficient = 2 * r / (1 + r)
            else:
                coefficient = k / (k - 1) * (1 - sum(variances) / of_total)
        return of_total / k**2 * (1 - coefficient)


def _centred(items: Floats) -> Floats:
    return items - items.mean(axis=0)


def _change(start: Floats, end: Floats) -> Floats:
    change: Floats = end.mean(axis=1) - start.mean(axis=1)
    return change - change.mean()
