"""How fast did trust change, by the days on which people answered? A straight line beside the waves' own means.

Secondary to the model of change, which asks no straightness: points a month, everybody at times of their own, random
intercept and slope (Laird & Ware 1982), REML, Kenward-Roger.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import rules
from coprod_trust.analysis.finding import Estimate, Role, of_contrast

Floats = NDArray[np.float64]

METHOD = "linear_slope"
DAYS_A_MONTH = 365.25 / 12


def times(days: Floats, months: tuple[float, ...]) -> tuple[Floats, str]:
    """Months since the first answer, people x waves, and where they come from: ``days`` (NaN: not known), somebody's
    missing day being the wave's mean; the waves' planned ``months`` where a wave has no day."""
    known = ~np.isnan(days)
    if not known.any(axis=0).all():
        return np.tile(np.array(months) - months[0], (len(days), 1)), "by the waves' planned months"
    means = np.array([days[known[:, w], w].mean() for w in range(days.shape[1])])
    filled = np.where(known, days, means)
    return (filled - filled.min()) / DAYS_A_MONTH, "by the days of people's answers"


def slope(waves: tuple[str, ...], scores: Floats, at: Floats, source: str) -> Estimate:
    """Points a month, of everybody scored at the first wave; ``scores`` and ``at`` are people x waves."""
    from coprod_trust.mixed import NotIdentified, Panel

    started = ~np.isnan(scores[:, 0])
    n = int(started.sum())
    declined = rules.MIXED_MODEL.declines(n)
    if declined:
        return Estimate(METHOD, Role.SECONDARY, n=n, declined=declined)
    y = scores[started]
    try:
        panel = Panel.from_matrix(y, waves, np.empty((n, 0)), (), visits=np.where(np.isnan(y), np.nan, at[started]))
        fit = panel.fit("time", random="slope")
        alike = fit.singular
        if alike:
            fit = panel.fit("time", random="intercept")
    except NotIdentified as error:
        return Estimate(METHOD, Role.SECONDARY, n=n, declined=str(error))
    row = fit.contrast({"time": 1.0}, df="kenward-roger")
    note = "random intercept; no variance of slopes was found" if alike else "random intercept and slope"
    return of_contrast(METHOD, Role.SECONDARY, n, row, f"points a month, {source}; {note}")
