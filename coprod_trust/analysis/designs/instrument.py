"""What the instrument itself does: change item by item, ends of the scale, starting level, reliable change, likeness
within teams, and invariance over the waves. Rows of tables; none of them is a question of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coprod_trust.analysis import clusters, invariance, item_change, rules
from coprod_trust.analysis.data import DEFAULT_POPULATION, Measured, Population
from coprod_trust.analysis.design import Answers, Shared
from coprod_trust.analysis.reliability import ERROR_FROM
from coprod_trust.study.contrasts import contrasts_of
from coprod_trust.study.model import Scale

Floats = NDArray[np.float64]
Row = Mapping[str, Any]

TABLES = ("item_change", "scale_end", "starting_level", "reliable_change", "team_likeness", "invariance")
_Known = Mapping[tuple[str, str, str], tuple[float, float]]
"""Scale, wave and group: the reliability of the score and its standard deviation."""


def answers(shared: Shared) -> Answers:
    """Rows of the instrument's tables."""
    measured, known = shared.measured, _known(shared)
    changes = list(_changes(measured))
    return Answers(
        (),
        {
            "item_change": list(_items(measured)),
            "scale_end": list(_ends(measured)),
            "starting_level": [row for c in changes for row in c.starting_level(known)],
            "reliable_change": [row for c in changes for row in c.reliable_change(known)],
            "team_likeness": [row for c in changes for row in c.team_likeness()],
            "invariance": list(_invariance(measured)),
        },
    )


def _known(shared: Shared) -> _Known:
    sds = {(m.scale, m.wave, m.population): m.sd for m in shared.wave_means if m.method == "observed"}
    found = {}
    for r in shared.reliabilities:
        sd = sds.get((r.scale, r.wave, r.population))
        if r.coefficient in ERROR_FROM and r.value is not None and r.value > 0 and sd:
            found[r.scale, r.wave, r.population] = (r.value, sd)
    return found


class _Change:
    """The change of one scale in one group between two waves that can be compared."""

    def __init__(self, measured: Measured, scale: Scale, population: Population, a: str, b: str) -> None:
        member = measured.member(population)
        self.place = {"scale": scale.id, "population": population.group, "wave_from": a, "wave_to": b}
        self.start, self.end = (measured.score(scale.id, w)[member] for w in (a, b))
        self.change = np.round(self.end - self.start, 9)
        self.teams = None if measured.teams is None else measured.teams[member]

    def _of(self, known: _Known, wave: str) -> tuple[float, float] | None:
        return known.get((self.place["scale"], self.place[wave], self.place["population"]))

    def starting_level(self, known: _Known) -> Iterator[Row]:
        at_start = self._of(known, "wave_from")
        for row in item_change.starting_level(self.start, self.end, None if at_start is None else at_start[0]):
            yield {**self.place, **asdict(row)}

    def reliable_change(self, known: _Known) -> Iterator[Row]:
        """How many changed by more than measurement error would explain, by both forms of its standard error."""
        first, second = self._of(known, "wave_from"), self._of(known, "wave_to")
        errors = {}
        if first and second:
            errors["both_waves"] = float(np.sqrt(sum(sd**2 * (1 - rel) for rel, sd in (first, second))))
        if first:
            errors["jacobson_truax"] = item_change.jacobson_truax(first[1], first[0])
        moved = self.change[~np.isnan(self.change)]
        for method, error in errors.items():
            criterion = rules.RELIABLE_CHANGE_CRITERION * error
            yield {
                **self.place,
                "method": method,
                "standard_error": error,
                "criterion": criterion,
                "n": len(moved),
                "n_fell": int((moved < -criterion).sum()),
                "n_rose": int((moved > criterion).sum()),
            }

    def team_likeness(self) -> Iterator[Row]:
        if self.teams is None:
            return
        there = ~np.isnan(self.change)
        if rules.PAIRED_TEST.declines(int(there.sum())):
            return
        found = clusters.alike(self.change[there], self.teams[there])
        if isinstance(found, str):
            yield {**self.place, "n": int(there.sum()), "declined": found}
            return
        yield {
            **self.place,
            "n": found.n,
            "n_teams": found.clusters,
            "mean_size": found.size,
            "icc": found.icc,
            "ci_low": found.ci_low,
            "ci_high": found.ci_high,
            "design_effect": found.design_effect,
        }


def _changes(measured: Measured) -> Iterator[_Change]:
    for scale in measured.scales:
        for contrast in contrasts_of(measured.study, scale, measured.waves):
            if measured.why_not_comparable(scale.id, contrast.wave_from, contrast.wave_to):
                continue
            for population in measured.populations(scale):
                found = _Change(measured, scale, population, contrast.wave_from, contrast.wave_to)
                if not rules.PAIRED_TEST.declines(int((~np.isnan(found.change)).sum())):
                    yield found


def _items(measured: Measured) -> Iterator[Row]:
    """Items that were answered at both waves, in POMP points, reversed items turned."""
    for scale in measured.scales:
        if len(scale.items) < 2:
            continue
        by_wave = {w: _of_wave(measured, scale, w) for w in measured.asked_in(scale)}
        for contrast in contrasts_of(measured.study, scale, measured.waves):
            a, b = contrast.wave_from, contrast.wave_to
            items = tuple(i.id for i in scale.items if i.id in by_wave[a] and i.id in by_wave[b])
            if measured.why_not_comparable(scale.id, a, b) or not items:
                continue
            for population in measured.populations(scale):
                member = measured.member(population)
                start, end = (np.column_stack([by_wave[w][i][member] for i in items]) for w in (a, b))
                if rules.PAIRED_TEST.declines(int((~np.isnan(end - start)).any(axis=1).sum())):
                    continue
                for row in item_change.item_changes(items, start, end):
                    place = {"scale": scale.id, "population": population.group, "wave_from": a, "wave_to": b}
                    yield {**place, **asdict(row)}


def _of_wave(measured: Measured, scale: Scale, wave: str) -> dict[str, Floats]:
    """Each item's answers in POMP points."""
    values = measured.items(scale, wave)
    if values is None:
        return {}
    low, high = scale.ends(wave)
    return dict(zip(measured.items_asked(scale, wave), ((values - low) / (high - low) * 100).T, strict=True))


def _ends(measured: Measured) -> Iterator[Row]:
    """How many stand at the lowest and at the highest score there is."""
    for scale in measured.scales:
        for wave in measured.asked_in(scale):
            scores = measured.score(scale.id, wave)
            for population in measured.populations(scale):
                values = scores[measured.member(population)]
                values = np.round(values[~np.isnan(values)], 9)
                if len(values) < rules.PAIRED_TEST.minimum:
                    continue
                lowest, highest = int((values <= 0).sum()), int((values >= 100).sum())
                yield {
                    "scale": scale.id,
                    "wave": wave,
                    "population": population.group,
                    "n": len(values),
                    "n_lowest": lowest,
                    "n_highest": highest,
                    "flagged": max(lowest, highest) >= rules.END_OF_SCALE_SHARE * len(values),
                }


def _invariance(measured: Measured) -> Iterator[Row]:
    """Over all waves that can be compared, or where too few answered for that, over the first and the latest."""
    for scale in measured.scales:
        if len(scale.items) < 2:
            continue
        waves = [w for w in measured.asked_in(scale) if (scale.id, w) not in measured.blocked]
        waves = [w for w in waves if w == waves[0] or not measured.why_not_comparable(scale.id, waves[0], w)]
        if len(waves) < 2:
            continue
        by_wave = {w: _of_wave(measured, scale, w) for w in waves}
        items = [i.id for i in scale.items if all(i.id in by_wave[w] for w in waves)]
        if not items:
            continue
        for population in measured.populations(scale):
            member = measured.followed(population)
            stacked = np.stack([np.column_stack([by_wave[w][i][member] for i in items]) for w in waves], axis=1)
            used, found = waves, invariance.invariance(stacked)
            if (found.grade is None or not found.models) and len(waves) > 2:
                used, found = [waves[0], waves[-1]], invariance.invariance(stacked[:, [0, -1]])
            if found.n == 0 and population.id != DEFAULT_POPULATION:
                continue
            yield from _invariance_rows(scale.id, population.group, used, found)


def _invariance_rows(scale: str, group: str, waves: list[str], found: invariance.Invariance) -> Iterator[Row]:
    place = {
        "scale": scale,
        "population": group,
        "waves": " ".join(waves),
        "n": found.n,
        "n_items": found.n_items,
        "grade": found.grade,
        "few_steps": found.few_steps,
    }
    for model in found.models:
        yield {**place, **asdict(model)}
    if found.declined:
        missing = invariance.MODELS[len(found.models)]
        yield {**place, "model": missing, "declined": found.declined}
