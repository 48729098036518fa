"""What needs the people again after the fit: fitted values, residuals, random effects, and cluster-robust errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coprod_trust.mixed.panel import indicator_names, indicators

if TYPE_CHECKING:
    import pandas as pd

    from coprod_trust.mixed.fit import Fit


@dataclass(frozen=True)
class SecondPass:
    """``rows``: participant, wave, fitted (mean of people alike), predicted (with the person's own level), residual
    (answer less predicted), in the units of the outcome. ``people``: participant and the predicted random effects
    (intercept, slope), where the model has them. ``robust_covariance``: (p, p) of the coefficients."""

    rows: pd.DataFrame
    people: pd.DataFrame
    robust_covariance: np.ndarray


def second_pass(
    fit: Fit, df: pd.DataFrame, participant: str, wave: str, outcome: str, cluster: str | None = None
) -> SecondPass:
    """Go through a long frame (a row a person and wave) with a fitted model.

    Random effects are best linear unbiased predictions D Z'V^-1 (y - X beta) (Henderson 1975). The robust covariance is
    the sandwich over participants, or over the values of ``cluster`` (teams), times c / (c - 1) for c clusters (Liang &
    Zeger 1986; CR1): a check, too small where clusters are few.
    """
    import pandas as pd

    design = _rows_of_x(fit, df, wave)
    labels = df[wave].map(str).map({w: k for k, w in enumerate(fit.panel.waves)})
    usable = ~np.isnan(design).any(axis=1) & df[outcome].notna().to_numpy() & labels.notna().to_numpy()
    kept = df.loc[usable]
    x, y, place = design[usable], kept[outcome].to_numpy(float), labels[usable].to_numpy(int)
    marginal = fit.marginal_covariance
    basis = fit.random_basis
    fitted = x @ fit.beta
    predicted, effects, scores = fitted.copy(), {}, {}
    for person, rows in kept.reset_index(drop=True).groupby(participant, sort=True).groups.items():
        at = np.asarray(rows)
        waves = place[at]
        inverse = np.linalg.inv(marginal[np.ix_(waves, waves)])
        weighted = inverse @ (y[at] - fitted[at])
        scores[person] = x[at].T @ weighted
        if basis is not None:
            effects[person] = fit.random_covariance @ basis[waves].T @ weighted
            predicted[at] += basis[waves] @ effects[person]
    rows_out = pd.DataFrame(
        {
            participant: kept[participant].to_numpy(),
            wave: kept[wave].to_numpy(),
            "fitted": fitted,
            "predicted": predicted,
            "residual": y - predicted,
        }
    )
    names = ["intercept", "slope"][: 0 if basis is None else basis.shape[1]]
    people = pd.DataFrame(list(effects.values()), index=list(effects), columns=names if effects else None)
    people = people.rename_axis(participant).reset_index()
    groups = {p: p for p in scores}
    if cluster is not None:
        groups = kept.groupby(participant)[cluster].first().to_dict()
    return SecondPass(rows_out, people, _sandwich(fit.covariance_of_beta, scores, groups))


def _sandwich(bread: np.ndarray, scores: Mapping[object, np.ndarray], groups: Mapping[object, object]) -> np.ndarray:
    totals: dict[object, np.ndarray] = {}
    for person, score in scores.items():
        group = groups[person]
        totals[group] = totals.get(group, np.zeros_like(score)) + score
    meat = sum((np.outer(t, t) for t in totals.values()), np.zeros_like(bread))
    clusters = len(totals)
    return bread @ meat @ bread * clusters / (clusters - 1)


def _rows_of_x(fit: Fit, df: pd.DataFrame, wave: str) -> np.ndarray:
    """(rows, p) the design in the units of the data; nan where a covariate is missing."""
    place = df[wave].map(str).map({w: k for k, w in enumerate(fit.panel.waves)})
    known = place.notna().to_numpy()
    at = np.where(known, place.fillna(0), 0).astype(int)
    values = {}
    for factor, levels in fit.panel.factors.items():
        _, columns = indicators(factor, df[factor].to_numpy(), levels)
        values.update(dict(zip(indicator_names(factor, levels), columns, strict=True)))
    found = np.empty((len(df), len(fit.terms)))
    for k, column in enumerate(fit.design.columns):
        weights = np.array(column.weights)[at]
        if column.variable:
            name = column.variable
            weights = weights * (values[name] if name in values else df[name].to_numpy(float))
        found[:, k] = np.where(known, weights, np.nan)
    return found
