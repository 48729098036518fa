"""What is known of everybody at one wave: scores and covariates as numbers, for models of who took part or stayed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis.data import Measured
from coprod_trust.study.model import Covariate, Scale

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# A category with more values than this is a label of places or jobs, not a description of people.
MOST_LEVELS = 12
_NUMBERS = ("number", "birth_year")


@dataclass(frozen=True)
class Variable:
    """One number a person, NaN where it is not known. ``level`` is set for a category's indicator (1: has it)."""

    id: str
    values: Floats
    level: str | None = None

    @property
    def name(self) -> str:
        """The id, with the category's value where there is one."""
        return self.id if self.level is None else f"{self.id}: {self.level}"

    @property
    def slug(self) -> str:
        """The same as a part of a finding's id."""
        return re.sub("[^a-z0-9]+", "_", self.name.lower()).strip("_")


@dataclass(frozen=True)
class Columns:
    """Predictors of a model, people x predictors; ``filled`` says where a gap was that the mean was put into."""

    names: tuple[str, ...]
    values: Floats
    filled: Bools

    def of(self, people: Bools) -> Columns:
        """The same of some of the people."""
        return Columns(self.names, self.values[people], self.filled[people])

    def and_(self, more: Columns) -> Columns:
        """These predictors and then those of ``more`` that are not among them."""
        new = [k for k, name in enumerate(more.names) if name not in self.names]
        return Columns(
            (*self.names, *(more.names[k] for k in new)),
            np.column_stack([self.values, more.values[:, new]]),
            np.column_stack([self.filled, more.filled[:, new]]),
        )

    def first(self, k: int) -> Columns:
        """The first ``k`` predictors."""
        return Columns(self.names[:k], self.values[:, :k], self.filled[:, :k])


def variables(measured: Measured, wave: str, member: Bools) -> Iterator[Variable]:
    """Every scale scored in that wave, then every covariate that describes people, a column a level.

    ``member`` says whose levels count; a category's first level is in too, since nothing is modelled here.
    """
    for scale in measured.scales:
        if measured.study.asked(scale, wave) and (scale.id, wave) not in measured.blocked:
            yield Variable(scale.id, measured.score(scale.id, wave))
    for covariate in measured.study.covariates:
        yield from _of_covariate(measured, covariate, wave, member)


def columns(
    measured: Measured, wanted: Sequence[str], wave: str, member: Bools, groups: Sequence[Bools] = ()
) -> Columns:
    """The scales and covariates of those ids at that wave, for ``member`` only, in the order given.

    What nobody has (nobody of one of the ``groups``), what does not vary, and a category's most frequent level stay
    out; gaps take the mean of those who have a value.
    """
    names, found, filled = [], [], []
    for variable in named(measured, wanted, wave, member):
        values = variable.values[member]
        gaps = np.isnan(values)
        if gaps.all() or np.ptp(values[~gaps]) == 0 or any(np.isnan(variable.values[g]).all() for g in groups):
            continue
        names.append(variable.name)
        found.append(np.where(gaps, values[~gaps].mean(), values))
        filled.append(gaps)
    if not names:
        return none(int(member.sum()))
    return Columns(tuple(names), np.column_stack(found), np.column_stack(filled))


def none(people: int) -> Columns:
    """No predictors for that many people."""
    return Columns((), np.empty((people, 0)), np.empty((people, 0), dtype=bool))


def auxiliary(measured: Measured) -> tuple[str, ...]:
    """What leaving may go with, by the plan: its auxiliary variables, else its primary scales and its covariates."""
    plan = measured.study.plan
    return tuple(plan.auxiliary or (*plan.primary, *plan.covariates))


def named(measured: Measured, wanted: Sequence[str], wave: str, member: Bools) -> Iterator[Variable]:
    """The scales and covariates of those ids at that wave; of a category every level but the most frequent."""
    scales: dict[str, Scale] = {s.id: s for s in measured.scales}
    covariates = {c.id: c for c in measured.study.covariates}
    for name in dict.fromkeys(wanted):
        scale = scales.get(name)
        if scale is not None:
            if measured.study.asked(scale, wave) and (name, wave) not in measured.blocked:
                yield Variable(name, measured.score(name, wave))
        elif name in covariates:
            found = list(_of_covariate(measured, covariates[name], wave, member))
            shares = [float(np.nanmean(v.values[member])) if v.level is not None else 0.0 for v in found]
            most = int(np.argmax(shares)) if found and found[0].level is not None else -1
            yield from (v for k, v in enumerate(found) if k != most)


def _of_covariate(measured: Measured, covariate: Covariate, wave: str, member: Bools) -> Iterator[Variable]:
    import pandas as pd

    if not measured.describes(covariate):
        return
    given = measured.covariate(covariate, wave)
    if covariate.kind in _NUMBERS:
        yield Variable(covariate.id, pd.to_numeric(given, errors="coerce").to_numpy(float, na_value=np.nan))
        return
    codes, levels = pd.factorize(given, sort=True)
    present = np.unique(codes[member & (codes >= 0)])
    if len(present) > MOST_LEVELS:
        return
    for k in present:
        yield Variable(covariate.id, np.where(codes < 0, np.nan, (codes == k).astype(float)), str(levels[k]))
