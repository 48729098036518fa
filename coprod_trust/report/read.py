"""Everything the report is made of, read from the working database. Counting is left to SQL; nothing is estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from coprod_trust.privacy.disclosure import Edition
from coprod_trust.privacy.quotes import Quote, select_quotes
from coprod_trust.report.record import StudyRecord, read_record
from coprod_trust.report.rows import (
    Agreement,
    BalanceRow,
    Blocked,
    CodeRow,
    Comparison,
    CrossCheck,
    EntryReason,
    EstimateRow,
    FindingRow,
    FlowRow,
    Instrument,
    Invariance,
    ItemChange,
    Meta,
    NotesBase,
    Place,
    ProblemCount,
    Reliability,
    Run,
    ScaleEnd,
    SimpleSlope,
    Source,
    StartingLevel,
    TeamLikeness,
    TrajectoryRow,
    WaveMean,
)
from coprod_trust.report.voices import Voices, read_voices
from coprod_trust.store import sql
from coprod_trust.study import Study
from coprod_trust.study.contrasts import Contrast, contrasts_of
from coprod_trust.study.model import Scale

# The population of a finding that is about the group that takes part.
DEFAULT_POPULATION = "participants"

MOST_LINES = 250
MOST_POINTS = 1000
MOST_PLACES = 25

Row = TypeVar("Row")


@dataclass(frozen=True)
class Material:
    """All of it, as typed rows. ``waves`` are those with data up to the report's wave, in order."""

    study: Study
    wave: str
    waves: tuple[str, ...]
    run: Run
    findings: tuple[FindingRow, ...]
    means: tuple[WaveMean, ...]
    reliability: tuple[Reliability, ...]
    comparability: tuple[Comparison, ...]
    blocked: tuple[Blocked, ...]
    flow: tuple[FlowRow, ...]
    reasons: tuple[tuple[str, int], ...]
    lines: tuple[tuple[str, str, str, float], ...] = field(repr=False)
    pairs: dict[str, tuple[tuple[str, float, float], ...]] = field(repr=False)
    codes: tuple[CodeRow, ...]
    agreement: tuple[Agreement, ...]
    notes_base: NotesBase | None
    trajectories: tuple[TrajectoryRow, ...]
    meta: tuple[Meta, ...]
    sources: tuple[Source, ...]
    problems: tuple[ProblemCount, ...]
    places: tuple[Place, ...]
    quotes: Mapping[Edition, tuple[Quote, ...]] = field(default_factory=dict)
    slopes: tuple[SimpleSlope, ...] = ()
    cross_checks: tuple[CrossCheck, ...] = ()
    balance: tuple[BalanceRow, ...] = ()
    entry_reasons: tuple[EntryReason, ...] = ()
    record: StudyRecord = field(default_factory=StudyRecord)
    voices: Voices = field(default_factory=Voices)
    instrument: Instrument = field(default_factory=Instrument)

    def finding(self, finding_id: str) -> FindingRow | None:
        return next((f for f in self.findings if f.finding_id == finding_id), None)

    def scale(self, outcome: str) -> Scale | None:
        """The scale that a finding's outcome names, by its id or by its dimension."""
        for scale in self.study.scales:
            if scale.id == outcome:
                return scale
        return next((s for s in self.study.scales if s.dimension == outcome), None)

    def trust_scales(self) -> tuple[Scale, ...]:
        """Scales that measure a dimension of trust, in the order of the study."""
        return tuple(s for s in self.study.scales if s.dimension is not None)

    def contrast(self, scale: Scale) -> Contrast | None:
        """The one contrast that carries the report for that scale, or None where there is but one wave."""
        return next((c for c in contrasts_of(self.study, scale, self.waves) if c.primary), None)

    def change(self, scale: Scale) -> FindingRow | None:
        """The finding on that scale's change over its primary contrast, for the participants."""
        contrast = self.contrast(scale)
        if contrast is None:
            return None
        mine = [
            f
            for f in self.findings
            if f.question == "change" and self.scale(f.outcome) == scale and f.contrast == contrast.id
        ]
        return min(mine, key=lambda f: (len(f.finding_id), f.finding_id), default=None)

    def order(self, f: FindingRow) -> tuple[Any, ...]:
        """The order in which findings are listed: change first, participants first, then by scale and time."""
        scales = [s.id for s in self.study.scales]
        names = [scale.id for name in (f.outcome, f.predictor) if name and (scale := self.scale(name))]
        waves = [self.study.wave_ids.index(x) for x in f.waves or () if x in self.study.wave_ids]
        other_group = f.population not in (DEFAULT_POPULATION, self.study.groups.participants)
        untrusted = not all(self.study.scale(n).dimension for n in names)
        places = tuple(scales.index(n) for n in names)
        return (f.question != "change", f.question, other_group, untrusted, places, waves, f.finding_id)

    def comparison_followed(self) -> bool:
        """Whether anybody of another group answered both in the first and in the latest wave."""
        last = len(self.waves) - 1
        others = [r for r in self.flow if r.study_group != self.study.groups.participants]
        return last > 0 and any(r.ordinal == last and r.n_starters > 0 for r in others)


def read_material(
    con: duckdb.DuckDBPyConnection, study: Study, wave: str, run_id: str, root: Path | None = None
) -> Material:
    """Everything that the report of ``wave`` is made of; tables of steps that found nothing are empty.

    ``root`` is the study's folder, for decisions and the evaluator's texts; without it there are none.
    """
    tables = _columns(con)
    waves = tuple(w.id for w in study.waves_up_to(wave) if ("answer", w.id) in tables)
    wide = tables.get(("panel", "score_wide"), set())
    has_people = ("main", "participant") in tables and bool(waves)
    findings = _findings(con)
    cells = [(s.id, w) for s in study.scales if s.dimension for w in waves if f"{s.id}__{w}" in wide]
    group = study.groups.participants
    lines = con_rows(con, "report/lines", {"participants": group, "most": MOST_LINES}, cells=cells) if cells else []
    return Material(
        study=study,
        wave=wave,
        waves=waves,
        run=_run(con, wave, run_id),
        findings=findings,
        means=_table(con, WaveMean, "wave_mean"),
        reliability=_table(con, Reliability, "reliability"),
        comparability=_table(con, Comparison, "comparability"),
        blocked=_table(con, Blocked, "blocked_scale"),
        flow=_query(con, FlowRow, "report/flow", waves=waves, follow_up=study.follow_up) if has_people else (),
        reasons=_reasons(con, study, waves, tables) if has_people else (),
        lines=tuple(lines),
        pairs=_pairs(con, study, findings, wide),
        codes=_query(con, CodeRow, "report/codes", {"wave": wave}),
        agreement=_table(con, Agreement, "coder_agreement"),
        notes_base=next(iter(_query(con, NotesBase, "report/notes_base", {"wave": wave, "waves": list(waves)})), None),
        trajectories=_table(con, TrajectoryRow, "code_trajectory"),
        meta=_table(con, Meta, "meta_inference"),
        sources=_table(con, Source, "source_file"),
        problems=_query(con, ProblemCount, "report/problems"),
        places=_query(con, Place, "report/places", {"most": MOST_PLACES}),
        voices=read_voices(con, study, wave),
        quotes={edition: tuple(select_quotes(con, study, edition=edition)) for edition in Edition},
        slopes=_table(con, SimpleSlope, "simple_slope"),
        cross_checks=_table(con, CrossCheck, "cross_check"),
        balance=_table(con, BalanceRow, "balance"),
        entry_reasons=_entry_reasons(con, tables),
        record=read_record(con, study, wave, run_id, root) if root else StudyRecord(),
        instrument=Instrument(
            _table(con, ItemChange, "item_change"),
            _table(con, ScaleEnd, "scale_end"),
            _table(con, StartingLevel, "starting_level"),
            _table(con, TeamLikeness, "team_likeness"),
            _table(con, Invariance, "invariance"),
        ),
    )


def con_rows(con: duckdb.DuckDBPyConnection, name: str, bind: dict[str, Any], **names: Any) -> list[tuple[Any, ...]]:
    """The rows of a query in sql/."""
    return sql.run(con, name, bind, **names).fetchall()


def _columns(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in con.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    ).fetchall():
        found.setdefault((schema, table), set()).add(column)
    return found


def _table(con: duckdb.DuckDBPyConnection, kind: type[Row], table: str) -> tuple[Row, ...]:
    names = ", ".join(sql.ident(f.name) for f in fields(kind))  # type: ignore[arg-type]
    return tuple(kind(*row) for row in con.execute(f"SELECT {names} FROM {sql.ident(table)} ORDER BY ALL").fetchall())


def _query(
    con: duckdb.DuckDBPyConnection, kind: type[Row], name: str, bind: dict[str, Any] | None = None, **names: Any
) -> tuple[Row, ...]:
    return tuple(kind(*row) for row in con_rows(con, name, bind or {}, **names))


def _findings(con: duckdb.DuckDBPyConnection) -> tuple[FindingRow, ...]:
    columns = [f.name for f in fields(FindingRow) if f.name != "estimates"]
    rows = con.execute(f"SELECT {', '.join(columns)} FROM finding ORDER BY finding_id").fetchall()
    estimates: dict[str, list[EstimateRow]] = {}
    order = {"primary": 0, "secondary": 1, "sensitivity": 2, "check": 3}
    for e in sorted(_table(con, EstimateRow, "estimate"), key=lambda e: (order[e.role], e.estimate_id)):
        estimates.setdefault(e.finding_id, []).append(e)
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    return tuple(FindingRow(**row, estimates=tuple(estimates.get(row["finding_id"], ()))) for row in named)


def _reasons(
    con: duckdb.DuckDBPyConnection, study: Study, waves: tuple[str, ...], tables: dict[tuple[str, str], set[str]]
) -> tuple[tuple[str, int], ...]:
    if len(waves) < 2 or "exit_reason" not in tables[("main", "participant")]:
        return ()
    bind = {"participants": study.groups.participants, "first": waves[0], "latest": waves[-1]}
    return tuple(con_rows(con, "report/reasons", bind, follow_up=study.follow_up))


def _entry_reasons(con: duckdb.DuckDBPyConnection, tables: dict[tuple[str, str], set[str]]) -> tuple[EntryReason, ...]:
    if "entry_reason" not in tables.get(("main", "participant"), set()):
        return ()
    return _query(con, EntryReason, "report/entry_reasons")


def _pairs(
    con: duckdb.DuckDBPyConnection, study: Study, findings: tuple[FindingRow, ...], wide: set[str]
) -> dict[str, tuple[tuple[str, float, float], ...]]:
    """The points of each scatter: by finding, each person's changes of predictor and outcome."""
    by_name = {**{str(s.dimension): s.id for s in study.scales if s.dimension}, **{s.id: s.id for s in study.scales}}
    found: dict[str, tuple[tuple[str, float, float], ...]] = {}
    for f in findings:
        if f.question != "association" or f.waves is None or f.declined or f.predictor not in by_name:
            continue
        x, y = by_name[f.predictor], by_name.get(f.outcome, "")
        if {f"{s}__{w}" for s in (x, y) for w in f.waves} <= wide:
            bind = {"participants": study.groups.participants, "most": MOST_POINTS}
            found[f.finding_id] = tuple(con_rows(con, "report/pairs", bind, x=x, y=y, start=f.waves[0], to=f.waves[1]))
    return found


def _run(con: duckdb.DuckDBPyConnection, wave: str, run_id: str) -> Run:
    row = con.execute(
        "SELECT run_id, wave, started_at, version, plan_hash, input_hash FROM run WHERE run_id = ?", [run_id]
    ).fetchone()
    return Run(*row) if row else Run(run_id, wave, None, "", "", None)
