"""statsmodels' MixedLM as a cross-check of change: random intercept, wave as factor, REML.

It reports z only, so its rows say so and carry no verdict. A model with small-sample degrees of freedom belongs in
``coprod_trust.mixed``; ``step`` calls this module in one place, where that engine's estimates will stand beside it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
from coprod_trust.analysis.finding import Estimate, Role

Floats = NDArray[np.float64]

METHOD = "mixedlm"
ADJUSTED = "mixedlm_adjusted"
# statsmodels walks the people one by one in Python: beyond this one check takes longer than all other analyses.
MOST_PEOPLE = 1_000
_Z = 1.959963984540054


@dataclass(frozen=True)
class Fit:
    """Wave means of one model and their covariance, or why there is none. ``n`` is the number of people in it."""

    method: str
    waves: tuple[str, ...]
    n: int
    means: Floats | None = None
    covariance: Floats | None = None
    declined: str | None = None
    note: str | None = None
    loglik: float | None = None

    def contrast(self, wave_from: str, wave_to: str, role: Role) -> Estimate:
        """The difference of two waves as an estimate with its z."""
        if self.means is None or self.covariance is None:
            return Estimate(self.method, role, n=self.n, declined=self.declined)
        if wave_from not in self.waves or wave_to not in self.waves:
            return Estimate(self.method, role, n=self.n, declined="one of the waves has no scores in this model")
        from scipy.special import ndtr

        a, b = self.waves.index(wave_from), self.waves.index(wave_to)
        difference = float(self.means[b] - self.means[a])
        variance = float(self.covariance[a, a] + self.covariance[b, b] - 2 * self.covariance[a, b])
        if not variance > 0:
            return Estimate(self.method, role, n=self.n, declined=f"no standard error could be computed; {self.note}")
        se = variance**0.5
        z = difference / se
        return Estimate(
            self.method,
            role,
            n=self.n,
            estimate=difference,
            std_error=se,
            df_method="none (z)",
            statistic_name="z",
            statistic=z,
            p_value=2 * float(ndtr(-abs(z))),
            ci_low=difference - _Z * se,
            ci_high=difference + _Z * se,
            note=self.note,
        )


def fit(waves: Sequence[str], scores: Floats, covariates: Floats | None = None) -> Fit:
    """Fit wave means with a random intercept a person.

    ``scores`` is people x waves with NaN for no score. ``covariates`` is people x waves x columns (centred here, so
    that the wave means are those of average people); rows without all of them are left out. Waves without scores are
    left out. Never raises on what data can bring: the reason is in ``declined``.
    """
    method = METHOD if covariates is None else ADJUSTED
    usable = ~np.isnan(scores)
    if covariates is not None:
        usable &= ~np.isnan(covariates).any(axis=2)
    keep = np.atleast_1d(usable.any(axis=0))
    kept = tuple(w for w, k in zip(waves, keep, strict=True) if k)
    person, wave = np.nonzero(usable[:, keep])
    n = len(np.unique(person))

    def declined(reason: str) -> Fit:
        return Fit(method, kept, n, declined=reason)

    too_few = rules.MIXED_MODEL.declines(n)
    if too_few:
        return declined(too_few)
    if n > MOST_PEOPLE:
        return declined(f"statsmodels' mixed model is not run for more than {MOST_PEOPLE} people")
    y = scores[:, keep][person, wave]
    design = np.eye(len(kept))[wave]
    if covariates is not None:
        columns = covariates[:, keep][person, wave]
        design = np.column_stack([design, columns - columns.mean(axis=0)])
    if len(kept) < 2 or (usable.sum(axis=1) > 1).sum() < 2:
        return declined("too few people have scores in more than one wave")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return declined("the covariates cannot be told apart from one another or from the waves")
    if _residual_free(y, design):
        return declined("the scores do not vary beyond the waves' means")
    return _fit(method, kept, y, design, person, n)


def _residual_free(y: Floats, design: Floats) -> bool:
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return bool(np.sqrt((residual**2).mean()) < 1e-8)


def _fit(method: str, waves: tuple[str, ...], y: Floats, design: Floats, person: NDArray[np.intp], n: int) -> Fit:
    from statsmodels.regression.mixed_linear_model import MixedLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    k = len(waves)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = MixedLM(y, design, groups=person).fit(reml=True, method=["bfgs", "lbfgs", "powell"])
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError) as error:
            return Fit(method, waves, n, declined=f"the model could not be fitted ({type(error).__name__})")
    if not result.converged:
        return Fit(method, waves, n, declined="the model did not converge")
    means, covariance = np.asarray(result.fe_params)[:k], np.asarray(result.cov_params())[:k, :k]
    if not (np.isfinite(means).all() and np.isfinite(covariance).all()):
        return Fit(method, waves, n, declined="the model gave no finite standard errors")
    notes = ["z, not t: in small samples its p is too small"]
    if float(result.cov_re[0, 0]) < 1e-6 * float(result.scale):
        notes.append("singular: people's own levels were estimated not to vary, so the pairing is not used")
    if any(issubclass(w.category, ConvergenceWarning) for w in caught):
        notes.append("the optimiser warned on the way")
    return Fit(method, waves, n, means, covariance, note="; ".join(notes), loglik=float(result.llf))
