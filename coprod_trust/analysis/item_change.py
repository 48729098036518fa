"""Change item by item, and what measurement alone can do to a change: ends of the scale, starting level, reliability.

These are rows that describe the instrument; none is a finding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import correlation, rules
from coprod_trust.analysis.multiplicity import adjust

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ItemChange:
    """Mean change of one item in POMP points, and how far it lies from that of the scale's other items."""

    item: str
    n: int
    mean_from: float | None = None
    mean_to: float | None = None
    change: float | None = None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    change_of_others: float | None = None
    from_others: float | None = None
    from_others_ci_low: float | None = None
    from_others_ci_high: float | None = None
    from_others_p: float | None = None
    from_others_p_adjusted: float | None = None
    declined: str | None = None


def item_changes(items: tuple[str, ...], start: Floats, end: Floats) -> list[ItemChange]:
    """Paired t-tests of each item (people x items, POMP, reversed items turned, NaN: no answer), and of each against
    the mean of the others in the people who answered all items both times. p by Holm within the scale."""
    change = end - start
    own = [_t(change[:, j]) for j in range(len(items))]
    whole = change[~np.isnan(change).any(axis=1)]
    apart: list[_Test | None] = [None] * len(items)
    if len(items) > 1 and not rules.PAIRED_TEST.declines(len(whole)):
        rest = (whole.sum(axis=1)[:, None] - whole) / (len(items) - 1)
        apart = [_t(whole[:, j] - rest[:, j]) for j in range(len(items))]
    adjusted, adjusted_apart = _holm(own), _holm(apart)
    found = []
    for j, item in enumerate(items):
        test, other = own[j], apart[j]
        both = ~np.isnan(change[:, j])
        if test is None:
            found.append(ItemChange(item, int(both.sum()), declined=rules.PAIRED_TEST.declines(int(both.sum()))))
            continue
        row = ItemChange(
            item=item,
            n=test.n,
            mean_from=float(start[both, j].mean()),
            mean_to=float(end[both, j].mean()),
            change=test.mean,
            std_error=test.se,
            ci_low=test.low,
            ci_high=test.high,
            p_value=test.p,
            p_adjusted=adjusted[j],
        )
        if other is not None:
            row = replace(
                row,
                change_of_others=float(whole[:, j].mean()) - other.mean,
                from_others=other.mean,
                from_others_ci_low=other.low,
                from_others_ci_high=other.high,
                from_others_p=other.p,
                from_others_p_adjusted=adjusted_apart[j],
            )
        found.append(row)
    return found


@dataclass(frozen=True)
class _Test:
    n: int
    mean: float
    se: float
    low: float
    high: float
    p: float | None


def _t(values: Floats) -> _Test | None:
    """The one-sample t-test; None under the floor, p None where nothing varies."""
    from scipy.special import stdtr, stdtrit

    values = np.round(values[~np.isnan(values)], 9)
    n = len(values)
    if rules.PAIRED_TEST.declines(n):
        return None
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    if np.ptp(values) == 0:
        return _Test(n, mean, 0.0, mean, mean, None)
    se = sd / math.sqrt(n)
    half = float(stdtrit(n - 1, 0.975)) * se
    return _Test(n, mean, se, mean - half, mean + half, 2 * float(stdtr(n - 1, -abs(mean / se))))


def _holm(tests: list[_Test | None]) -> list[float | None]:
    places = [j for j, t in enumerate(tests) if t is not None and t.p is not None]
    values = adjust([t.p for t in tests if t is not None and t.p is not None], "holm")
    found: list[float | None] = [None] * len(tests)
    for j, p in zip(places, values, strict=True):
        found[j] = p
    return found


@dataclass(frozen=True)
class StartingLevel:
    """How change goes with the level at the start; ``method`` oldham (a correlation) or blomqvist (a slope)."""

    method: str
    n: int
    estimate: float | None = None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    reliability: float | None = None
    declined: str | None = None


def starting_level(start: Floats, end: Floats, reliability: float | None) -> tuple[StartingLevel, StartingLevel]:
    """Change against the level at the start without the coupling of change with its own starting score.

    Oldham (1962): the correlation of the change with the mean of both scores; it is 0 where the spread is the same at
    both waves (Pitman's test). Blomqvist (1977): the slope of the true change on the true start, (b + 1 - rel) / rel,
    with the reliability of the starting score taken as known. Positions are people; NaN: no score.
    """
    both = ~(np.isnan(start) | np.isnan(end))
    start, end = start[both], end[both]
    n = len(start)
    reason = rules.CORRELATION.declines(n)
    if reason is None and 0 in (np.ptp(start), np.ptp(end), np.ptp(end - start), np.ptp(end + start)):
        reason = "the scores or their change do not vary"
    if reason:
        return StartingLevel("oldham", n, declined=reason), StartingLevel("blomqvist", n, declined=reason)
    return _oldham(start, end), _blomqvist(start, end, reliability)


def _oldham(start: Floats, end: Floats) -> StartingLevel:
    from scipy.special import stdtr

    n = len(start)
    r = correlation.pearson(end - start, (start + end) / 2)
    if abs(r) >= 1 - 1e-12:
        return StartingLevel("oldham", n, r, declined="change and level lie on a line")
    half = 1.959963984540054 / math.sqrt(n - 3)
    t = r * math.sqrt((n - 2) / (1 - r**2))
    low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return StartingLevel("oldham", n, r, None, low, high, 2 * float(stdtr(n - 2, -abs(t))))


def _blomqvist(start: Floats, end: Floats, reliability: float | None) -> StartingLevel:
    from scipy.special import stdtrit

    n = len(start)
    least = rules.DISATTENUATION_MINIMUM_RELIABILITY
    if reliability is None or reliability < least:
        reason = "the reliability at the start is not known"
        if reliability is not None:
            reason = f"the reliability at the start is {reliability:.2f}, under {least:.2f}"
        return StartingLevel("blomqvist", n, reliability=reliability, declined=reason)
    x, y = start - start.mean(), (end - start) - (end - start).mean()
    slope = float(x @ y / (x @ x))
    se = math.sqrt(float(((y - slope * x) ** 2).sum()) / (n - 2) / float(x @ x)) / reliability
    estimate = (slope + 1 - reliability) / reliability
    half = float(stdtrit(n - 2, 0.975)) * se
    return StartingLevel("blomqvist", n, estimate, se, estimate - half, estimate + half, None, reliability)


def jacobson_truax(sd: float, reliability: float) -> float:
    """Standard error of the difference of two scores of one person in the classic form, sd sqrt(2 (1 - reliability))
    (Jacobson and Truax 1991): the first wave's standard deviation and reliability stand for both."""
    return sd * math.sqrt(2 * (1 - reliability))
