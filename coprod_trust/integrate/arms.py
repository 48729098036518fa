"""Two arms compared: a mean difference with its permutation test, and a share with Fisher's test.

Pure functions; libraries where they are right, and each formula with its source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coprod_trust.analysis.seeds import RandomOrders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EXACT_UP_TO = 200_000


@dataclass(frozen=True)
class Permutation:
    """``method`` is permutation_exact or permutation_random; ``arrangements`` were counted or drawn."""

    p_value: float
    method: str
    arrangements: int


def permutation_test(values: Floats, coded: NDArray[np.bool_], orders: RandomOrders) -> Permutation:
    """Two-sided p of the difference in means between ``coded`` and the rest.

    All arrangements are counted where there are at most 200,000; else random ones, p = (b + 1)/(R + 1) (Phipson and
    Smyth 2010). Arrangements as far from zero as the observed one count, rounding errors aside.
    """
    import numpy as np

    n, n_coded = len(values), int(coded.sum())
    if not 0 < n_coded < n:
        raise ValueError("both arms need people")
    k = min(n_coded, n - n_coded)
    total = float(values.sum())
    arm = values[coded] if k == n_coded else values[~coded]

    def distance(sums: Floats) -> Floats:
        return np.abs(sums / k - (total - sums) / (n - k))

    observed = distance(np.array([arm.sum()]))[0] - 1e-9 * max(1.0, float(np.abs(values).max()))
    count = math.comb(n, k)
    if count <= EXACT_UP_TO:
        extreme = int((distance(_subset_sums(values, k)) >= observed).sum())
        return Permutation(extreme / count, "permutation_exact", count)
    drawn = orders.draws(n)
    extreme = sum(int((distance(values[o[:, :k]].sum(axis=1)) >= observed).sum()) for o in orders.blocks(n))
    return Permutation((extreme + 1) / (drawn + 1), "permutation_random", drawn)


def _subset_sums(values: Floats, k: int) -> Floats:
    """The sum of every subset of size k, person by person: those without the person, then those with."""
    import numpy as np

    sums: list[Floats] = [np.zeros(1)] + [np.empty(0)] * k
    for value in values:
        for size in range(k, 0, -1):
            sums[size] = np.concatenate((sums[size], sums[size - 1] + value))
    return sums[k]


@dataclass(frozen=True)
class Effect:
    """Hedges' g with its 95 % interval; None where the arms do not vary."""

    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None


def hedges_g(a: Floats, b: Floats) -> Effect:
    """Difference of two independent means in pooled SDs, exact small-sample correction on n - 2 (Hedges 1981), the
    interval from the noncentral t, as effectsize::hedges_g(pooled_sd = TRUE)."""
    from coprod_trust.analysis.effect_size import hedges_correction, noncentrality_interval

    n_a, n_b = len(a), len(b)
    df = n_a + n_b - 2
    pooled = math.sqrt(((n_a - 1) * a.var(ddof=1) + (n_b - 1) * b.var(ddof=1)) / df)
    if pooled <= 1e-9 * max(1.0, float(abs(a).max()), float(abs(b).max())):
        return Effect(None)
    d = float(a.mean() - b.mean()) / pooled
    spread = math.sqrt(1 / n_a + 1 / n_b)
    low, high = noncentrality_interval(d / spread, df)
    j = hedges_correction(df)
    return Effect(j * d, j * low * spread, j * high * spread)


@dataclass(frozen=True)
class Shares:
    """The share of the first arm minus that of the second, Newcombe's interval, and Fisher's exact p (two-sided)."""

    difference: float
    ci_low: float
    ci_high: float
    p_value: float


def compare_shares(yes_a: int, n_a: int, yes_b: int, n_b: int) -> Shares:
    """Fisher's exact test and the risk difference with Newcombe's hybrid score interval (1998, method 10)."""
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import confint_proportions_2indep

    p_value = float(fisher_exact([[yes_a, n_a - yes_a], [yes_b, n_b - yes_b]])[1])
    low, high = confint_proportions_2indep(yes_a, n_a, yes_b, n_b, method="newcomb", compare="diff")
    return Shares(yes_a / n_a - yes_b / n_b, float(low), float(high), min(p_value, 1.0))
