"""How often a mean over studies of a dozen people says something that is not so: ``python -m simulations.portfolio``.

The true mean change is 0, the true changes of the studies have standard deviation tau, a person's change has 12 points.
Prints for each cell the share of draws in which the mean is told from 0 at 5 %, by random effects and by equal weights,
and in which the interval of 95 % for a further study misses its true change. Takes about half a minute.
"""

from __future__ import annotations

import sys

import numpy as np

from coprod_trust.portfolio.combine import equal_weights, random_effects

DRAWS, PEOPLE, SPREAD = 800, 12, 12.0
CELLS = tuple((k, tau) for k in (3, 5, 10, 30) for tau in (0.0, 4.0))


def cell(k: int, tau: float, draws: int = DRAWS) -> tuple[float, float, float | None]:
    """False alarms by random effects and by equal weights, and misses of the interval for a further study (None where
    there are too few studies for one)."""
    random = np.random.default_rng([2026, k, int(tau)])
    alarms, alarms_equal, misses, predicted = 0, 0, 0, 0
    for _ in range(draws):
        changes = random.normal(random.normal(0, tau, k)[:, None], SPREAD, (k, PEOPLE))
        means, errors = changes.mean(axis=1), changes.std(axis=1, ddof=1) / np.sqrt(PEOPLE)
        fit = random_effects(means.tolist(), errors.tolist())
        alarms += fit.p_value < 0.05
        alarms_equal += equal_weights(means.tolist()).p_value < 0.05
        if fit.prediction is not None:
            predicted += 1
            misses += not fit.prediction[0] < random.normal(0, tau) < fit.prediction[1]
    return alarms / draws, alarms_equal / draws, misses / predicted if predicted else None


def main() -> None:
    """One line a cell."""
    sys.stdout.write("k,tau,random_effects,equal_weights,further_study_missed\n")
    for k, tau in CELLS:
        alarms, alarms_equal, missed = cell(k, tau)
        sys.stdout.write(f"{k},{tau:g},{alarms:.3f},{alarms_equal:.3f},{'' if missed is None else f'{missed:.3f}'}\n")


if __name__ == "__main__":
    main()
