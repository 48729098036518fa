"""The questions of design A13: who left, and how did those who stayed differ from them at the start?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import baseline, data, membership, rules
from coprod_trust.analysis.balance import Groups
from coprod_trust.analysis.data import Measured, Population
from coprod_trust.analysis.design import Answer, Answers, Plain, Shared
from coprod_trust.analysis.finding import Finding, Role
from coprod_trust.analysis.multiplicity import exploratory

Bools = NDArray[np.bool_]

ESTIMAND = "difference at the start, of those who answered at the later wave less those who did not"


def answers(shared: Shared) -> Answers:
    """Stayers against leavers on everything known at the first wave, for each later wave and group."""
    measured = shared.measured
    found: list[Answer] = []
    rows: list[dict[str, object]] = []
    for population in _populations(measured):
        for wave in measured.waves[1:]:
            given, balance = _compared(measured, population, measured.waves[0], wave)
            found += given
            rows += balance
    return Answers(found, {"balance": rows} if rows else {})


def _populations(measured: Measured) -> Iterator[Population]:
    participants = measured.study.groups.participants
    yield Population(data.DEFAULT_POPULATION, participants)
    yield from (Population(g.id, g.id) for g in measured.study.groups.values if g.id != participants)


def _compared(
    measured: Measured, population: Population, first: str, wave: str
) -> tuple[list[Answer], list[dict[str, object]]]:
    started = measured.followed(population) & measured.answered(first)
    stayed = started & measured.answered(wave)
    left = started & ~stayed
    default = population.id == data.DEFAULT_POPULATION
    # Of another group only where enough of it stayed and left: of one that was not followed nobody stayed.
    if not left.any() or (not default and rules.SELECTION.declines(int(min(stayed.sum(), left.sum())))):
        return [], []
    wanted = baseline.auxiliary(measured)
    model = membership.model(stayed[started], baseline.columns(measured, wanted, first, started, (started,)))
    contrast = f"{first}-{wave}"
    found: list[Answer] = []
    for variable in baseline.named(measured, wanted, first, started):
        name = f"retention.{variable.slug}{population.suffix}"
        if np.isnan(variable.values[started]).all():
            continue
        draft = Finding(
            finding_id=f"retention.{variable.slug}.{contrast}{population.suffix}",
            design="A13",
            outcome="retention",
            predictor=variable.name,
            population=population.id,
            estimand=ESTIMAND,
            estimates=(
                membership.difference(variable.values[started], stayed[started], variable.level is not None),
                model.estimate(variable.name, Role.SECONDARY),
            ),
            contrast=contrast,
            n_start=int(started.sum()),
            exploratory=exploratory(measured.study.plan, name),
            note=f"{int(stayed.sum())} of {int(started.sum())} who started answered at {wave}",
        )
        found.append(Plain(_declined(draft), name, f"to {wave}"))
    groups = Groups("retention", contrast, population.id, "left", stayed, left)
    variables = baseline.variables(measured, first, started)
    return found, membership.compared(variables, groups, model, started, first_weighted=True)


def _declined(draft: Finding) -> Finding:
    return draft.with_(declined=draft.primary.declined)
