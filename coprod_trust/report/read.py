"""Everything the report is made of, read from the working database. Counting is left to SQL; nothing is estimated."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

import duckdb

from coprod_trust.privacy.quotes import Quote, select_quotes
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
class EstimateRow:
    """A row of ``estimate``: a finding by one method."""

    finding_id: str
    estimate_id: str
    role: str
    method: str
    n: int | None
    estimate: float | None
    std_error: float | None
    df: float | None
    df_method: str | None
    statistic_name: str | None
    statistic: float | None
    p_value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    effect_name: str | None
    effect_size: float | None
    effect_ci_low: float | None
    effect_ci_high: float | None
    verdict: str | None
    declined: str | None
    note: str | None


@dataclass(frozen=True)
class FindingRow:
    """A row of ``finding`` with its estimates."""

    finding_id: str
    design: str
    family: str | None
    outcome: str
    predictor: str | None
    contrast: str | None
    population: str
    estimand: str
    n_start: int | None
    n: int | None
    estimate: float | None
    std_error: float | None
    df: float | None
    df_method: str | None
    statistic: float | None
    p_value: float | None
    p_adjusted: float | None
    ci_low: float | None
    ci_high: float | None
    effect_name: str | None
    effect_size: float | None
    effect_ci_low: float | None
    effect_ci_high: float | None
    method: str
    verdict: str | None
    certainty: str | None
    exploratory: bool
    mean_from: float | None
    mean_to: float | None
    n_fell: int | None
    n_rose: int | None
    n_fell_reliably: int | None
    n_rose_reliably: int | None
    declined: str | None
    note: str | None
    estimates: tuple[EstimateRow, ...] = field(default=())

    @property
    def question(self) -> str:
        """What kind of question it is: change, association, ..."""
        return self.finding_id.split(".", 1)[0]

    @property
    def waves(self) -> tuple[str, str] | None:
        """The two waves of its contrast."""
        if self.contrast is None or "-" not in self.contrast:
            return None
        start, end = self.contrast.split("-", 1)
        return start, end


@dataclass(frozen=True)
class WaveMean:
    scale: str
    wave: str
    population: str
    method: str
    n: int
    mean: float | None
    sd: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Reliability:
    scale: str
    wave: str
    population: str
    coefficient: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    n_items: int
    declined: str | None


@dataclass(frozen=True)
class Comparison:
    """Whether change between two waves of a scale may be computed."""

    scale: str
    wave_from: str
    wave_to: str
    comparable: bool
    reason: str | None


@dataclass(frozen=True)
class FlowRow:
    """Who answered in one wave, by group; ``ordinal`` counts the waves with data from 0."""

    study_group: str
    ordinal: int
    n_answered: int
    n_starters: int
    n_stayed: int
    n_returned: int
    n_joined: int
    n_absent_next: int


@dataclass(frozen=True)
class CodeRow:
    code: str
    name: str
    parent: str | None
    construct: str | None
    n_participants: int
    n_segments: int


@dataclass(frozen=True)
class TrajectoryRow:
    """A row of ``code_trajectory``: the change of people coded with a code beside those who were not."""

    code: str
    outcome: str
    contrast: str
    n_coded: int
    n_not_coded: int
    n_unresolved: int
    n_not_interviewed: int
    mean_change_coded: float | None
    mean_change_not_coded: float | None
    difference: float | None
    effect_name: str | None
    effect_size: float | None
    effect_ci_low: float | None
    effect_ci_high: float | None
    p_value: float | None
    p_adjusted: float | None
    method: str | None
    n_fell_coded: int | None
    n_fell_not_coded: int | None
    segments_per_person_coded: float | None
    segments_per_person_not_coded: float | None
    n_interviewed_before: int | None
    n_interviewed_after: int | None
    declined: str | None


@dataclass(frozen=True)
class Agreement:
    """How far two coders agree on a code before anything is reconciled; ``code`` None: pooled over all codes."""

    coder_a: str
    coder_b: str
    code: str | None
    n_segments: int
    prevalence: float | None
    kappa: float | None
    ci_low: float | None
    ci_high: float | None
    alpha: float | None
    ac1: float | None
    pabak: float | None
    declined: str | None


@dataclass(frozen=True)
class NotesBase:
    n_participants: int
    n_segments: int
    n_documents: int
    n_unidentified: int


@dataclass(frozen=True)
class Source:
    source_id: str
    sha256: str
    name: str
    kind: str
    format: str
    wave: str | None
    status: str
    rows_in: int
    accepted: int
    quarantined: int
    duplicates: int
    blank: int
    withdrawn: int
    received_at: datetime


@dataclass(frozen=True)
class ProblemCount:
    rule: str
    severity: str
    n: int
    n_open: int
    n_files: int


@dataclass(frozen=True)
class Place:
    rule: str
    name: str | None
    row_number: int | None
    column_name: str | None
    scale: str | None
    wave: str | None
    status: str
    problem_id: str
    message: str


@dataclass(frozen=True)
class Blocked:
    scale: str
    wave: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Meta:
    finding_id: str
    n_confirms: int | None
    n_contrasts: int | None
    n_expands: int | None
    n_silent_asked: int | None
    n_not_asked: int | None
    fit: str | None
    signed_off: str | None


@dataclass(frozen=True)
class Run:
    run_id: str
    wave: str
    started_at: datetime | None
    version: str
    plan_hash: str
    input_hash: str | None


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
    pairs: dict[str, tuple[tuple[float, float], ...]] = field(repr=False)
    codes: tuple[CodeRow, ...]
    agreement: tuple[Agreement, ...]
    notes_base: NotesBase | None
    trajectories: tuple[TrajectoryRow, ...]
    meta: tuple[Meta, ...]
    sources: tuple[Source, ...]
    problems: tuple[ProblemCount, ...]
    places: tuple[Place, ...]
    quotes: tuple[Quote, ...] = ()

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


def read_material(con: duckdb.DuckDBPyConnection, study: Study, wave: str, run_id: str) -> Material:
    """Everything that the report of ``wave`` is made of; tables of steps that found nothing are empty."""
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
        flow=_query(con, FlowRow, "report/flow", waves=waves) if has_people else (),
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
        quotes=tuple(select_quotes(con, study)),
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
    return tuple(con_rows(con, "report/reasons", bind))


def _pairs(
    con: duckdb.DuckDBPyConnection, study: Study, findings: tuple[FindingRow, ...], wide: set[str]
) -> dict[str, tuple[tuple[float, float], ...]]:
    """The points of each scatter: by finding, the changes of predictor and outcome in the same people."""
    by_name = {**{str(s.dimension): s.id for s in study.scales if s.dimension}, **{s.id: s.id for s in study.scales}}
    found: dict[str, tuple[tuple[float, float], ...]] = {}
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
