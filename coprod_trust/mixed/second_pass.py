"""What needs the people again after the fit: fitted values, residuals, random effects, and cluster-robust errors."""

from __future__ import annotations

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
    Zeger 1986; CR1): a check, too small where clusters are few. ValueError where somebody has two rows in one wave, or
    is in no cluster or in several.
    """
    import pandas as pd

    design = _rows_of_x(fit, df, wave)
    labels = df[wave].map(str).map({w: k for k, w in enumerate(fit.panel.waves)})
    usable = ~np.isnan(design).any(axis=1) & df[outcome].notna().to_numpy() & labels.notna().to_numpy()
    kept = df.loc[usable]
    x, y, place = design[usable], kept[outcome].to_numpy(float), labels[usable].to_numpy(int)
    codes, people = pd.factorize(kept[participant], sort=True)
    fitted = x @ fit.beta
    effects, scores = _by_person(fit, x, y - fitted, place, codes, len(people))
    predicted = fitted.copy()
    if fit.random_basis is not None:
        predicted += np.sum(effects[codes] * fit.random_basis[place], axis=1)
    rows_out = pd.DataFrame(
        {
            participant: kept[participant].to_numpy(),
            wave: kept[wave].to_numpy(),
            "fitted": fitted,
            "predicted": predicted,
            "residual": y - predicted,
        }
    )
    names = ["intercept", "slope"][: effects.shape[1]]
    people_out = pd.DataFrame(effects if names else None, index=people, columns=names)
    if not names:
        people_out = people_out.iloc[:0]
    people_out = people_out.rename_axis(participant).reset_index()
    groups = np.arange(len(people))
    if cluster is not None:
        of_person = kept.groupby(codes)[cluster]
        if (of_person.nunique(dropna=False) > 1).any():
            raise ValueError(f"a {participant} is in more than one {cluster}")
        groups, _ = pd.factorize(of_person.first())
        if (groups < 0).any():
            raise ValueError(f"a {participant} is in no {cluster}")
    return SecondPass(rows_out, people_out, _sandwich(fit.covariance_of_beta, scores, groups))


def _by_person(
    fit: Fit, x: np.ndarray, residual: np.ndarray, place: np.ndarray, codes: np.ndarray, people: int
) -> tuple[np.ndarray, np.ndarray]:
    """(people, b) random effects and (people, p) scores X'V^-1 (y - X beta); people with the same waves all at once."""
    basis, n_waves = fit.random_basis, len(fit.panel.waves)
    row_of = np.full((people, n_waves), -1)
    row_of[codes, place] = np.arange(len(codes))
    if (row_of >= 0).sum() != len(codes):
        raise ValueError("somebody has two rows in one wave")
    effects = np.zeros((people, 0 if basis is None else basis.shape[1]))
    scores = np.zeros((people, x.shape[1]))
    patterns, of_person = np.unique(row_of >= 0, axis=0, return_inverse=True)
    for g, attended in enumerate(patterns):
        waves, these = np.flatnonzero(attended), np.flatnonzero(of_person == g)
        rows = row_of[these][:, waves]
        weighted = residual[rows] @ np.linalg.inv(fit.marginal_covariance[np.ix_(waves, waves)])
        scores[these] = np.einsum("nk,nkp->np", weighted, x[rows])
        if basis is not None:
            effects[these] = weighted @ basis[waves] @ fit.random_covariance
    return effects, scores


def _sandwich(bread: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> np.ndarray:
    clusters = int(groups.max()) + 1
    if clusters < 2:
        raise ValueError("a cluster-robust covariance needs two clusters or more")
    totals = np.zeros((clusters, scores.shape[1]))
    np.add.at(totals, groups, scores)
    return bread @ (totals.T @ totals) @ bread * clusters / (clusters - 1)


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
