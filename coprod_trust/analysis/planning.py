"""How many people a later wave would need. Pure: figures in, people out."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

POWER = 0.8


def people_needed(std_error: float, n: int, smallest: float, alpha: float) -> int:
    """People with both scores so that a paired test finds a mean change of ``smallest`` with a power of .8.

    The spread of changes is that of ``n`` people whose mean has this standard error. Normal quantiles with Guenther's
    (1981, Statistica Neerlandica 35, 243-244) addition of z^2/2 for the t-test; within one person of the exact number
    from ten people on.
    """
    z_alpha = NormalDist().inv_cdf(1 - alpha / 2)
    z_power = NormalDist().inv_cdf(POWER)
    effect = smallest / (std_error * sqrt(n))
    return ceil(((z_alpha + z_power) / effect) ** 2 + z_alpha**2 / 2)
