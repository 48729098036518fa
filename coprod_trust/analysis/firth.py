"""Firth's penalised logistic regression: finite and less biased where groups are small or separated.

statsmodels' Logit diverges where a predictor separates the groups (Heinze & Schemper 2002's endometrial data: a
coefficient of 17 and a standard error in the thousands, see tests/oracle/test_firth.py) and has no penalised fit with
profile intervals, so this stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Above this many people the profile interval is left for Wald's: they differ by less than a hundredth of a standard
# error there, and each end of a profile takes dozens of fits.
PROFILE_UP_TO = 20_000

_STEPS = 40
_LONGEST_STEP = 5.0
_CLOSE = 1e-9
_FLAT = 1e-5
_CHI2_95 = 3.841458820694124
_Z_95 = 1.959963984540054


class NotFitted(ValueError):
    """The model could not be fitted; the message is the reason in words."""


@dataclass(frozen=True)
class Coefficient:
    """A log odds ratio. ``p_value`` is the penalised likelihood-ratio test's, the interval the profile penalised
    likelihood's (95 %), or both Wald's where ``profiled`` is False."""

    name: str
    estimate: float
    std_error: float
    chi2: float
    p_value: float
    ci_low: float
    ci_high: float
    profiled: bool


@dataclass(frozen=True)
class Fit:
    """``coefficients`` without the intercept, in the units of the columns; ``fitted`` a probability a person."""

    n: int
    n_events: int
    intercept: float
    coefficients: tuple[Coefficient, ...]
    fitted: Floats

    def coefficient(self, name: str) -> Coefficient:
        """The coefficient of that predictor; KeyError if it is not in the model."""
        for c in self.coefficients:
            if c.name == name:
                return c
        raise KeyError(name)


@dataclass(frozen=True)
class _Point:
    beta: Floats
    likelihood: float
    probability: Floats
    information: Floats


def fit(event: NDArray[np.bool_], columns: Floats, names: Sequence[str], profile: bool = True) -> Fit:
    """Firth's (1993) logistic regression of ``event`` on ``columns`` (people x predictors, no gaps).

    The penalty is half the log determinant of the information (Jeffreys' prior); intervals are where twice the drop of
    the profile penalised log-likelihood is 3.84 and p is that of the penalised likelihood-ratio test (Heinze &
    Schemper 2002, Statistics in Medicine 21, 2409-2419). ``profile`` False gives Wald's, for weights only.
    Raises NotFitted where a column is constant or follows from the others, or where there is one outcome only.
    """
    y = event.astype(float)
    n, k = columns.shape
    if n == 0 or event.all() or not event.any():
        raise NotFitted("everybody had the same outcome")
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    if (spread == 0).any():
        raise NotFitted(f"{names[int(np.flatnonzero(spread == 0)[0])]} does not vary")
    design = np.column_stack([np.ones(n), (columns - centre) / spread])
    if n <= k + 1 or np.linalg.matrix_rank(design) < k + 1:
        raise NotFitted("one predictor follows from the others")
    best = _maximise(design, y, np.zeros(k + 1), np.arange(k + 1))
    covariance = np.linalg.inv(best.information)
    found = []
    for j, name in enumerate(names, start=1):
        se = math.sqrt(covariance[j, j])
        scale = float(spread[j - 1])
        if profile and n <= PROFILE_UP_TO:
            chi2 = max(0.0, 2 * (best.likelihood - _at(design, y, best, j, 0.0).likelihood))
            low, high = (_end(design, y, best, j, se, sign) for sign in (-1.0, 1.0))
        else:
            chi2 = float(best.beta[j] / se) ** 2
            low, high = best.beta[j] - _Z_95 * se, best.beta[j] + _Z_95 * se
        found.append(
            Coefficient(
                name,
                float(best.beta[j]) / scale,
                se / scale,
                chi2,
                math.erfc(math.sqrt(chi2 / 2)),
                float(low) / scale,
                float(high) / scale,
                profile and n <= PROFILE_UP_TO,
            )
        )
    intercept = float(best.beta[0] - (best.beta[1:] * centre / spread).sum())
    return Fit(n, int(event.sum()), intercept, tuple(found), best.probability)


def _point(design: Floats, y: Floats, beta: Floats) -> _Point:
    """The penalised log-likelihood at ``beta``."""
    linear = design @ beta
    probability = 1 / (1 + np.exp(-np.clip(linear, -700, 700)))
    information = (design * (probability * (1 - probability))[:, None]).T @ design
    sign, log_det = np.linalg.slogdet(information)
    likelihood = float(y @ linear - np.logaddexp(0, linear).sum()) + 0.5 * float(log_det)
    return _Point(beta, likelihood if sign > 0 else -math.inf, probability, information)


def _score(design: Floats, y: Floats, here: _Point) -> Floats:
    """Firth's modified score: the gradient of the penalised log-likelihood."""
    weight = here.probability * (1 - here.probability)
    inverse = np.linalg.inv(here.information)
    leverage = weight * ((design @ inverse) * design).sum(axis=1)
    return design.T @ (y - here.probability + leverage * (0.5 - here.probability))


def _maximise(design: Floats, y: Floats, start: Floats, free: NDArray[np.intp]) -> _Point:
    """Scoring on the modified score, the coefficients outside ``free`` held where they start.

    The penalty is that of the whole model also where a coefficient is held, as a profile of it needs. Scoring leaves
    the curvature of the penalty out, so near separation it creeps: then BFGS, which learns it, goes on.
    """
    try:
        here = _point(design, y, start)
        for _ in range(_STEPS):
            step = np.linalg.solve(here.information[np.ix_(free, free)], _score(design, y, here)[free])
            largest = float(np.abs(step).max(initial=0.0))
            if largest < _CLOSE:
                return here
            step *= min(1.0, _LONGEST_STEP / largest)
            for _ in range(30):
                beta = here.beta.copy()
                beta[free] += step
                there = _point(design, y, beta)
                if there.likelihood >= here.likelihood - 1e-12:
                    break
                step /= 2
            else:
                return here
            here = there
        return _by_bfgs(design, y, here, free)
    except np.linalg.LinAlgError as error:
        raise NotFitted("the penalised likelihood has no maximum that could be found") from error


def _by_bfgs(design: Floats, y: Floats, here: _Point, free: NDArray[np.intp]) -> _Point:
    from scipy.optimize import minimize

    def at(values: Floats) -> _Point:
        beta = here.beta.copy()
        beta[free] = values
        return _point(design, y, beta)

    def downhill(values: Floats) -> tuple[float, Floats]:
        point = at(values)
        return -point.likelihood, -_score(design, y, point)[free]

    found = minimize(downhill, here.beta[free], jac=True, method="BFGS", options={"gtol": 1e-8, "maxiter": 500})
    best = at(found.x)
    if not np.isfinite(best.likelihood) or float(np.abs(_score(design, y, best)[free]).max()) > _FLAT:
        raise NotFitted("the penalised likelihood has no maximum that could be found")
    return best


def _at(design: Floats, y: Floats, best: _Point, j: int, value: float) -> _Point:
    """The maximum with coefficient ``j`` held at ``value``.

    Begun from where a quadratic likelihood would have it, and from the maximum: where the groups are separated the
    penalised likelihood can have more than one peak (tests/analysis/test_groups.py has a case).
    """
    free = np.delete(np.arange(design.shape[1]), j)
    starts = np.tile(best.beta, (2, 1))
    starts[:, j] = value
    cross = np.linalg.solve(best.information[np.ix_(free, free)], best.information[free, j])
    starts[0, free] -= cross * (value - best.beta[j])
    found = []
    for start in starts if len(free) else starts[:1]:
        if np.isfinite(_point(design, y, start).likelihood):
            found.append(_maximise(design, y, start, free))
    if not found:
        raise NotFitted("the penalised likelihood has no maximum that could be found")
    return max(found, key=lambda point: point.likelihood)


def _end(design: Floats, y: Floats, best: _Point, j: int, se: float, sign: float) -> float:
    """Where twice the drop of the profile reaches 3.84 on that side of the maximum."""
    from scipy.optimize import brentq

    def beyond(distance: float) -> float:
        return 2 * (best.likelihood - _at(design, y, best, j, float(best.beta[j]) + sign * distance).likelihood) - (
            _CHI2_95
        )

    far = _Z_95 * se
    for _ in range(12):
        if beyond(far) > 0:
            return float(best.beta[j]) + sign * float(brentq(beyond, 0.0, far, xtol=1e-6))
        far *= 1.6
    return sign * math.inf
