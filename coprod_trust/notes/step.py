"""The notes step: codebook and coded notes into tables, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

import duckdb

from coprod_trust import clock
from coprod_trust.errors import Reason, Refused
from coprod_trust.ingest.problem import Problem
from coprod_trust.notes.codebook import Code, read_codebook
from coprod_trust.notes.documents import Setting, read_documents, read_guide, read_roster
from coprod_trust.notes.files import note_files, read_table, read_transcripts
from coprod_trust.notes.segments import SegmentReader, Segments
from coprod_trust.notes.table import Reporter, Table, Tally
from coprod_trust.steps import Context, Counts
from coprod_trust.store import open_work, sql, transaction
from coprod_trust.study import Study

KINDS = ("codebook", "documents", "roster", "guide", "segments")


@dataclass
class Notes:
    """Everything read from the notes of a study up to a wave, before anything is stored."""

    setting: Setting
    codes: list[Code] = field(default_factory=list)
    segments: Segments = field(default_factory=Segments)
    files: list[tuple[Table, Tally]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refusals(self) -> list[Problem]:
        return [p for p in self.problems if p.severity == "refuse"]


def run_step(context: Context) -> Counts:
    """Read the notes of waves up to the run's; Refused, with every reason, where a file cannot be used."""
    study = context.study()
    with open_work(context.paths) as con:
        notes = read_notes(con, study, context.root, context.wave)
        with transaction(con):
            counts = store_notes(con, study, notes)
    if notes.refusals:
        raise Refused(*(Reason(p.message, p.fix, p.where) for p in notes.refusals))
    return counts


def read_notes(con: duckdb.DuckDBPyConnection, study: Study, root: Path, wave: str) -> Notes:
    """Read and check all files of the notes; writes nothing. ``con`` says who is in the survey."""
    setting = Setting(study, wave, participants=frozenset(_participants(con)))
    notes = Notes(setting)
    report = Reporter(study)
    tables = [read_table(root, path, kind) for kind, path in note_files(root, study)]
    for table in tables:
        report.problems.extend(table.problems)
    for table in (t for t in tables if t.kind != "segments"):
        if table.kind == "codebook":
            notes.codes, tally = read_codebook(table, report)
            setting.codes = frozenset(c.code for c in notes.codes)
        else:
            read = {"documents": read_documents, "roster": read_roster, "guide": read_guide}[table.kind]
            tally = read(table, setting, report)
        notes.files.append((table, tally))
    segment_tables = [t for t in tables if t.kind == "segments"]
    if segment_tables:
        documents = {row["document"] for t in segment_tables for row in t.rows if row["document"]}
        reader = SegmentReader(setting, read_transcripts(root, study, documents), report)
        notes.files += [(table, reader.read(table)) for table in segment_tables]
        notes.segments = reader.finish(segment_tables[0])
    notes.problems = report.problems
    return notes


def _participants(con: duckdb.DuckDBPyConnection) -> Iterable[str]:
    there = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = 'participant'"
    ).fetchone()
    if there is None or not there[0]:
        return ()
    return (p for (p,) in con.execute("SELECT participant_id FROM participant").fetchall())


def store_notes(con: duckdb.DuckDBPyConnection, study: Study, notes: Notes) -> Counts:
    """Rebuild the tables of this step. A file with a reason to refuse leaves its record and its problems only."""
    sql.run(con, "notes/clear", {"kinds": list(KINDS)})
    refused = {p.source_id for p in notes.refusals}
    for table, tally in notes.files:
        _source_file(con, table, tally, "refused" if table.source_id in refused else "imported")
    _problems(con, notes.problems)
    counts = {
        "codes": len(notes.codes),
        "segments": len(notes.segments.segments),
        "codings": len(notes.segments.codings),
        "quarantined": sum(t.quarantined for _, t in notes.files),
        "problems": len(notes.problems),
    }
    if refused:
        return counts
    waves = notes.setting.waves
    documents = [d for d in notes.setting.documents.values() if not notes.setting.later(d.wave)]
    _insert(con, "code", [astuple(c) for c in notes.codes])
    _insert(con, "document", [(d.document, d.kind, d.case_name, d.date, d.wave) for d in documents])
    _insert(con, "roster", [astuple(p) for p in notes.setting.roster])
    _insert(con, "guide", notes.setting.guide)
    _insert(con, "segment", [astuple(s) for s in notes.segments.segments.values()])
    _insert(con, "coding", [astuple(c) for c in notes.segments.codings.values()])
    _insert(con, "segment_coder", sorted(notes.segments.readings))
    sql.run(con, "notes/segment_code")
    sql.run(con, "notes/interviewed", {"waves": list(waves)})
    sql.run(con, "notes/participant_code", {"waves": list(waves)})
    return counts


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        con.executemany(f"INSERT INTO {sql.ident(table)} VALUES ({places})", rows)


def _source_file(con: duckdb.DuckDBPyConnection, table: Table, tally: Tally, status: str) -> None:
    con.execute(
        "INSERT INTO source_file VALUES ($source_id, $sha256, $name, $kind, $format, NULL, $status, $rows_in, "
        "$accepted, $quarantined, $duplicates, $blank, $withdrawn, $header_row, $received_at)",
        {
            "source_id": table.source_id,
            "sha256": table.sha256,
            "name": table.name,
            "kind": table.kind,
            "format": table.format,
            "status": status,
            "rows_in": tally.rows_in,
            "accepted": tally.accepted,
            "quarantined": tally.quarantined,
            "duplicates": tally.duplicates,
            "blank": tally.blank,
            "withdrawn": tally.withdrawn,
            "header_row": table.header_row,
            "received_at": clock.now(),
        },
    )


def _problems(con: duckdb.DuckDBPyConnection, problems: Sequence[Problem]) -> None:
    fields = ("source_id", "name", "wave", "row_number", "column_name", "rule", "severity", "scope", "scale", "found",
              "message", "expected", "fix", "suggestion", "status")  # fmt: skip
    _insert(con, "problem", [(p.problem_id, *(getattr(p, f) for f in fields)) for p in problems])
