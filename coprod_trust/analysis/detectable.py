"""The smallest effect that a test would have found in four studies of five, at the size and spread that the study has.

It says what could be seen, not whether anything is there: never the power of the effect that was found (Hoenig & Heisey
2001), which only says p again.
"""

from __future__ import annotations

import math

from coprod_trust.analysis.finding import Estimate, Role
from coprod_trust.study.model import Family, Plan

POWER = 0.80
CHANGE = "minimum_detectable_change"
CORRELATION = "minimum_detectable_r"
# Beyond this many degrees of freedom t is normal to six digits.
_NORMAL = 1e5


def noncentrality(df: float, alpha: float, power: float = POWER) -> float:
    """The noncentrality at which a two-sided t test rejects with that power, both tails counted (Cohen 1988)."""
    from scipy.optimize import brentq
    from scipy.special import nctdtr, ndtri, stdtrit

    if df > _NORMAL:
        return float(ndtri(1 - alpha / 2) + ndtri(power))
    critical = float(stdtrit(df, 1 - alpha / 2))

    def missing(nc: float) -> float:
        return power - (1 - float(nctdtr(df, nc, critical)) + float(nctdtr(df, nc, -critical)))

    high = critical + 1.0
    while missing(high) > 0:
        high *= 2
    return float(brentq(missing, 0.0, high, xtol=1e-10))


def smallest_r(n: int, alpha: float, power: float = POWER) -> float:
    """The correlation that n pairs find with that power, by Fisher's z with its bias r / (2 (n - 1)) (as R's pwr)."""
    from scipy.optimize import brentq
    from scipy.special import ndtr, stdtrit

    t = float(stdtrit(n - 2, 1 - alpha / 2))
    critical = math.atanh(math.sqrt(t**2 / (t**2 + n - 2)))

    def missing(r: float) -> float:
        z, root = math.atanh(r) + r / (2 * (n - 1)), math.sqrt(n - 3)
        return power - float(ndtr((z - critical) * root) + ndtr((-z - critical) * root))

    return float(brentq(missing, 0.0, 1 - 1e-12, xtol=1e-12))


def change(n: int, std_error: float, df: float, sd: float, plan: Plan, family: Family | None) -> Estimate:
    """In points and in SDs of change, for a test with that standard error and those degrees of freedom."""
    found = noncentrality(df, plan.alpha)
    strict = _strictest(plan, family)
    more = None if strict is None else noncentrality(df, strict[0]) * std_error
    return Estimate(
        CHANGE,
        Role.SECONDARY,
        n=n,
        estimate=found * std_error,
        ci_level=None,
        effect_name="d_z",
        effect_size=found * std_error / sd,
        note=_note(plan, strict, None if more is None else f"{more:.1f} points"),
    )


def correlation(n: int, plan: Plan, family: Family | None) -> Estimate:
    """As a correlation."""
    strict = _strictest(plan, family)
    return Estimate(
        CORRELATION,
        Role.SECONDARY,
        n=n,
        estimate=smallest_r(n, plan.alpha),
        ci_level=None,
        note=_note(plan, strict, None if strict is None else f"{smallest_r(n, strict[0]):.2f}"),
    )


def _strictest(plan: Plan, family: Family | None) -> tuple[float, int] | None:
    """The level of the strictest step of the family's adjustment, and over how many; None where there is none."""
    if family is None or family.adjust != "holm" or len(family.members) < 2:
        return None
    return plan.alpha / len(family.members), len(family.members)


def _note(plan: Plan, strict: tuple[float, int] | None, value: str | None) -> str:
    said = f"found with {100 * POWER:g}% power at alpha {plan.alpha:g}, two-sided, with as many people as there are"
    return said if strict is None else f"{said}; {value} at alpha {strict[0]:g}, the strictest step over {strict[1]}"
