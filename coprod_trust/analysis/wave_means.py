"""The mean of a scale in a wave: as observed, and as the mixed model has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
from coprod_trust.analysis.data import Measured

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WaveMean:
    """A mean in POMP with its 95 % interval."""

    scale: str
    wave: str
    population: str
    method: str
    n: int
    mean: float | None
    sd: float | None
    ci_low: float | None
    ci_high: float | None


def observed(measured: Measured) -> Iterator[WaveMean]:
    """The observed mean of each scale, wave and group."""
    for scale in measured.scales:
        for wave in measured.asked_in(scale):
            scores = measured.score(scale.id, wave)
            for population in measured.populations(scale):
                values = scores[measured.member(population) & ~np.isnan(scores)]
                yield observed_mean(scale.id, wave, population.group, values)


def observed_mean(scale: str, wave: str, group: str, values: Floats) -> WaveMean:
    """Mean, SD and t interval of the scores of one group in one wave; no interval under the floor of a paired test."""
    from scipy.special import stdtrit

    n = len(values)
    mean = float(values.mean()) if n else None
    sd = float(values.std(ddof=1)) if n > 1 else None
    if mean is None or sd is None or n < rules.PAIRED_TEST.minimum:
        return WaveMean(scale, wave, group, "observed", n, mean, sd, None, None)
    half = float(stdtrit(n - 1, 0.975)) * sd / n**0.5
    return WaveMean(scale, wave, group, "observed", n, mean, sd, mean - half, mean + half)
