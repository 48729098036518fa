"""What the analyses read from the working database, as aligned arrays: position i is always the same person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coprod_trust.store import columns_of, sql
from coprod_trust.study.model import Covariate, Scale, Study

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

Floats = NDArray[np.float64]

DEFAULT_POPULATION = "participants"
# People whose values are sent to the process beside a run: of more, the copy would cost more memory than the time is
# worth.
FEW = 20_000

LINKED_NEARLY = "linked-by-decision"

# Covariates that describe people; reasons and free text do not, and a year of birth says what age says.
_DESCRIBING = ("number", "category", "gender", "team")


@dataclass(frozen=True)
class Population:
    """A group of people. ``id`` is 'participants' for the group that takes part, else the group's own id."""

    id: str
    group: str

    @property
    def suffix(self) -> str:
        """What a finding's id ends in: nothing for the default population."""
        return "" if self.id == DEFAULT_POPULATION else f".{self.id}"


@dataclass(frozen=True)
class Measured:
    """Everything scored up to the wave of the run, people in order of their id; ``few`` says whether it may be sent to
    another process. ``linked``: by wave, who was linked to their answers then by a near match. ``days`` on which
    people answered a wave, where all analyses of few people are asked for."""

    study: Study
    waves: tuple[str, ...]
    few: bool
    scores_and_groups: pa.Table | pd.DataFrame
    comparable: Mapping[tuple[str, str, str], str | None]
    blocked: Mapping[tuple[str, str], str]
    answers: Mapping[str, pa.Table | pd.DataFrame]
    flagged: Mapping[str, NDArray[np.bool_]]
    linked: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    days: Mapping[str, Floats] = field(default_factory=dict)

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row a person: group, scores, and the covariates that describe people."""
        return _frame(self.scores_and_groups)

    @cached_property
    def item_tables(self) -> dict[str, pd.DataFrame]:
        """Answers by wave, one row a person, one column an item."""
        return {wave: _frame(table) for wave, table in self.answers.items()}

    @property
    def scales(self) -> list[Scale]:
        """The scales that have scores."""
        return [s for s in self.study.scales if s.scored]

    def asked_in(self, scale: Scale) -> tuple[str, ...]:
        """The waves with data in which the scale was asked."""
        return tuple(w for w in self.waves if self.study.asked(scale, w))

    def score(self, scale: str, wave: str) -> Floats:
        """POMP scores of a scale in a wave, NaN where there is none."""
        return self._column(f"{scale}__{wave}")

    @cached_property
    def groups(self) -> NDArray[np.object_]:
        """Each person's group."""
        return self.people["study_group"].to_numpy(dtype=object)

    def member(self, population: Population) -> NDArray[np.bool_]:
        """Who belongs to the population."""
        return np.asarray(self.groups == population.group, dtype=bool)

    def followed(self, population: Population) -> NDArray[np.bool_]:
        """Who belongs to the population and was to be asked again: the people of every analysis of change."""
        return self.member(population) & self._followed_up

    @cached_property
    def _followed_up(self) -> NDArray[np.bool_]:
        rule = self.study.follow_up
        if rule is None:
            return np.ones(len(self.people), dtype=bool)
        if rule.covariate is None:
            return np.asarray(sum(self.answered(w).astype(int) for w in self.waves) > 1, dtype=bool)
        if rule.covariate not in self.people:
            return np.zeros(len(self.people), dtype=bool)
        return np.asarray(self.people[rule.covariate].isin(rule.values), dtype=bool)

    def flagged_in(self, *waves: str) -> NDArray[np.bool_]:
        """Whose answers are flagged in any of the waves."""
        marked = np.zeros(len(self.people), dtype=bool)
        for wave in waves:
            marked |= self.flagged.get(wave, False)
        return marked

    def populations(self, scale: Scale) -> tuple[Population, ...]:
        """The groups that were asked the scale, participants first."""
        groups = self.study.groups
        ids = [g.id for g in groups.values if scale.groups is None or g.id in scale.groups]
        return tuple(
            Population(DEFAULT_POPULATION if g == groups.participants else g, g)
            for g in sorted(ids, key=lambda g: g != groups.participants)
        )

    def why_not_comparable(self, scale: str, wave_from: str, wave_to: str) -> str | None:
        """Why no change may be computed between the two waves, or None where it may."""
        for wave in (wave_from, wave_to):
            if (scale, wave) in self.blocked:
                return f"the scale is blocked in {wave}: {self.blocked[scale, wave]}"
        key = (scale, wave_from, wave_to)
        if key not in self.comparable:
            return f"it was not established that {wave_from} and {wave_to} can be compared"
        return self.comparable[key]

    def items_asked(self, scale: Scale, wave: str) -> tuple[str, ...]:
        """The items of the scale that the wave's files have: the columns of ``items``."""
        table = self.item_tables.get(wave)
        return tuple(i.id for i in scale.items if table is not None and i.id in table)

    def items(self, scale: Scale, wave: str) -> Floats | None:
        """Answers (people x items asked), reversed items turned; None where the wave has none of the scale."""
        table = self.item_tables.get(wave)
        columns = [i for i in scale.items if table is not None and i.id in table]
        if table is None or not columns:
            return None
        low, high = scale.ends(wave)
        values = table[[i.id for i in columns]].to_numpy(dtype=float)
        reverse = np.array([i.reverse for i in columns])
        return np.where(reverse, low + high - values, values)

    def answered(self, wave: str) -> NDArray[np.bool_]:
        """Who answered anything of the scales in that wave."""
        table = self.item_tables.get(wave)
        if table is None or table.empty:
            return np.zeros(len(self.people), dtype=bool)
        return table.notna().any(axis=1).to_numpy()

    @cached_property
    def teams(self) -> NDArray[np.intp] | None:
        """A number for each person's team, -1 where it is not known; None where the study declares no teams."""
        import pandas as pd

        declared = next((c.id for c in self.study.covariates if c.kind == "team" and not c.varying), None)
        if declared is None or declared not in self.people:
            return None
        return np.asarray(pd.factorize(self.people[declared], sort=True)[0], dtype=np.intp)

    def describes(self, covariate: Covariate) -> bool:
        """Whether the covariate describes people, or the plan names it."""
        return _describes(self.study, covariate)

    def covariate(self, covariate: Covariate, wave: str) -> pd.Series:
        """A covariate's values in a wave, as they stand; all missing where the files do not have it."""
        import pandas as pd

        name = f"{covariate.id}__{wave}" if covariate.varying else covariate.id
        if name not in self.people:
            return pd.Series(np.nan, index=self.people.index)
        return self.people[name]

    def _column(self, name: str) -> Floats:
        if name not in self.people:
            return np.full(len(self.people), np.nan)
        return self.people[name].to_numpy(dtype=float, na_value=np.nan)


def read(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> Measured:
    """Read scores, items, comparability and blocks of the waves up to ``wave`` that have data."""
    waves = tuple(w.id for w in study.waves_up_to(wave) if columns_of(con, "panel", w.id))
    few = _few(con)
    return Measured(
        study=study,
        waves=waves,
        few=few,
        scores_and_groups=_people(con, study, waves, few),
        comparable={
            (scale, a, b): None if comparable else reason or "the two waves cannot be compared"
            for scale, a, b, comparable, reason in con.execute(
                "SELECT scale, wave_from, wave_to, comparable, reason FROM comparability"
            ).fetchall()
        },
        blocked=_blocks(con),
        answers={w: table for w in waves if (table := _items(con, study, w, few)) is not None},
        flagged=_flagged(con, waves),
        linked=_flagged(con, waves, LINKED_NEARLY),
        days={w: _days(con, w) for w in waves} if few and study.plan.analyses == "full" and len(waves) > 2 else {},
    )


def _few(con: duckdb.DuckDBPyConnection) -> bool:
    if not columns_of(con, "panel", "score_wide"):
        return True
    row = con.execute("SELECT count(*) FROM panel.score_wide").fetchone()
    return row is None or row[0] <= FEW


def _fetch(con: duckdb.DuckDBPyConnection, few: bool, query: str, **names: object) -> pa.Table | pd.DataFrame:
    """Few people's values as Arrow, since a run that only sends them on then need not import pandas; many people's as
    pandas at once, since every further copy would cost memory."""
    found = sql.relation(con, query, **names)
    return found.to_arrow_table() if few else found.df()


def _frame(table: pa.Table | pd.DataFrame) -> pd.DataFrame:
    import pyarrow as pa

    return table.to_pandas() if isinstance(table, pa.Table) else table


def _people(con: duckdb.DuckDBPyConnection, study: Study, waves: tuple[str, ...], few: bool) -> pa.Table | pd.DataFrame:
    """Group, scores and the covariates that describe people; only what is used, as there may be millions of people."""
    there = columns_of(con, "panel", "score_wide")
    if not there:
        import pyarrow as pa

        return pa.table({"study_group": []})
    varying = {c.id: c.varying for c in study.covariates if _describes(study, c) or c.kind == "team"}
    wanted = {f"{s.id}__{w}" for s in study.scales for w in waves}
    wanted |= {name for c, per_wave in varying.items() for name in ([f"{c}__{w}" for w in waves] if per_wave else [c])}
    return _fetch(con, few, "analysis/people", columns=[c for c in there if c in wanted])


def _describes(study: Study, covariate: Covariate) -> bool:
    planned = (*study.plan.covariates, *study.plan.auxiliary)
    if study.follow_up is not None and covariate.id == study.follow_up.covariate:
        return True
    return covariate.kind in _DESCRIBING or covariate.id in planned


def _items(con: duckdb.DuckDBPyConnection, study: Study, wave: str, few: bool) -> pa.Table | pd.DataFrame | None:
    asked = {i.id for s in study.scales for i in s.items}
    items = [c for c in columns_of(con, "answer", wave) if c in asked]
    return _fetch(con, few, "analysis/answers", wave=wave, items=items) if items else None


def _flagged(
    con: duckdb.DuckDBPyConnection, waves: tuple[str, ...], rule: str | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Per wave, whose answers are flagged (by that rule); only the waves in which anybody's are."""
    rows = con.execute("SELECT DISTINCT wave FROM flagged_answer WHERE rule = coalesce($rule, rule)", {"rule": rule})
    marked = [w for (w,) in rows.fetchall() if w in waves]
    if not marked:
        return {}
    found = sql.run(con, "analysis/flagged", {"rule": rule}, waves=sorted(marked)).fetchnumpy()
    return {w: np.asarray(found[w], dtype=bool) for w in marked}


def _days(con: duckdb.DuckDBPyConnection, wave: str) -> Floats:
    if "response_date" not in columns_of(con, "answer", wave):
        row = con.execute("SELECT count(*) FROM panel.score_wide").fetchone()
        return np.full(row[0] if row else 0, np.nan)
    return np.ma.filled(np.ma.asarray(sql.run(con, "analysis/days", wave=wave).fetchnumpy()["day"], float), np.nan)


def _blocks(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    blocks: dict[tuple[str, str], str] = {}
    for scale, wave, reason in con.execute(
        "SELECT scale, wave, reason FROM blocked_scale ORDER BY scale, wave, rule"
    ).fetchall():
        before = blocks.get((scale, wave))
        blocks[scale, wave] = f"{before}; {reason}" if before else reason
    return blocks
