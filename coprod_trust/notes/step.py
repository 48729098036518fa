"""The notes step: codebook and coded notes into tables, every row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from coprod_trust import clock
from coprod_trust.decisions import CodingDecision, Correction, Release, read
from coprod_trust.ingest.problem import FileRefused, Problem
from coprod_trust.ingest.readers import source_id_of
from coprod_trust.notes.codebook import Code, read_codebook
from coprod_trust.notes.documents import Setting, read_documents, read_guide, read_roster
from coprod_trust.notes.files import (
    KINDS,
    TRANSCRIPT,
    NoteFile,
    keep,
    note_files,
    read_tables,
    read_transcripts,
    record,
    record_refused,
    transcript_files,
)
from coprod_trust.notes.overlay import overlay
from coprod_trust.notes.segments import SegmentReader, Segments
from coprod_trust.notes.table import Reporter, Table, Tally
from coprod_trust.steps import Context, Counts
from coprod_trust.store import StudyPaths, insert_rows, open_work, sql, transaction
from coprod_trust.study import Severity, Study


@dataclass
class Notes:
    """Everything read from the notes of a study up to a wave, before anything is stored."""

    setting: Setting
    files: list[NoteFile] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    segments: Segments = field(default_factory=Segments)
    decisions: tuple[CodingDecision, ...] = ()
    tallies: list[tuple[Table, Tally]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refusals(self) -> list[Problem]:
        return [p for p in self.problems if p.severity is Severity.REFUSE]


def run_step(context: Context) -> Counts:
    """Read the notes of waves up to the run's.

    Raises FileRefused with every reason where a file cannot be used: then nothing changes but the archive.
    """
    study = context.study()
    paths = context.paths
    with open_work(paths) as con:
        notes = read_notes(con, study, context.root, context.wave)
        keep(paths, notes.files)
        if notes.refusals:
            record_refused(paths, notes.files)
            raise FileRefused(*notes.refusals)
        received = {source: entry.received_at for source, entry in record(paths, notes.files).items()}
        with transaction(con):
            return store_notes(con, notes, received)


def read_notes(con: duckdb.DuckDBPyConnection, study: Study, root: Path, wave: str) -> Notes:
    """Read and check all files of the notes; writes nothing but temporary tables, so not within a transaction.

    ``con`` says who is in the survey.
    """
    paths = StudyPaths(root)
    releases = read(root, Release)
    report = Reporter(study, frozenset(r.problem_id for r in releases))
    setting = Setting(study, wave, participants=_ids(con, "participant"), withdrawn=_ids(con, "withdrawn_participant"))
    notes = Notes(setting, note_files(paths, study), decisions=read(root, CodingDecision))
    corrections = read(root, Correction)
    tables = [overlay(t, corrections, releases) for t in read_tables(con, study, notes.files, report)]
    for table in (t for t in tables if t.kind != "segments"):
        if table.kind == "codebook":
            notes.codes, tally = read_codebook(table, report)
            setting.codes = frozenset(c.code for c in notes.codes)
        else:
            read_kind = {"documents": read_documents, "roster": read_roster, "guide": read_guide}[table.kind]
            tally = read_kind(table, setting, report)
        notes.tallies.append((table, tally))
    segment_tables = [t for t in tables if t.kind == "segments"]
    if segment_tables:
        documents = {row["document"] for t in segment_tables for row in t.rows if row["document"]}
        transcripts = transcript_files(paths, study, documents)
        notes.files += transcripts
        reader = SegmentReader(setting, read_transcripts(transcripts, report), report)
        notes.tallies += [(table, reader.read(table)) for table in segment_tables]
        notes.segments = reader.finish(segment_tables[0])
    notes.problems = report.problems
    return notes


def _ids(con: duckdb.DuckDBPyConnection, table: str) -> frozenset[str]:
    """The participants in a table of the ingest step; none where it has not run."""
    there = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = ?", [table]
    ).fetchone()
    if there is None or not there[0]:
        return frozenset()
    return frozenset(p for (p,) in con.execute(f"SELECT participant_id FROM {sql.ident(table)}").fetchall())


def store_notes(con: duckdb.DuckDBPyConnection, notes: Notes, received: Mapping[str, datetime] | None = None) -> Counts:
    """Rebuild the tables of this step; within a transaction. ``received`` says when each file came, by source_id."""
    sql.run(con, "notes/clear", {"kinds": list(KINDS)})
    waves = notes.setting.waves
    segments = notes.segments
    documents = [d for d in notes.setting.documents.values() if not notes.setting.later(d.wave)]
    insert_rows(con, "source_file", _source_files(notes, received or {}))
    insert_rows(con, "problem", [p.as_row() for p in notes.problems])
    insert_rows(con, "code", [astuple(c) for c in notes.codes])
    insert_rows(con, "document", [(d.document, d.kind, d.case_name, d.date, d.wave, None) for d in documents])
    insert_rows(con, "roster", [astuple(p) for p in notes.setting.roster])
    insert_rows(con, "guide", notes.setting.guide)
    insert_rows(con, "segment", [astuple(s) for s in segments.segments.values()])
    insert_rows(con, "coding", [astuple(c) for c in segments.codings.values()])
    insert_rows(con, "segment_coder", [(*r, r in segments.held) for r in sorted(segments.readings)])
    # The last decision on a segment and code stands.
    last = {(d.segment_id, d.code): d for d in notes.decisions}
    insert_rows(
        con,
        "coding_decision",
        [(*key, d.present, d.who, d.when.isoformat(), d.why) for key, d in sorted(last.items())],
    )
    sql.run(con, "notes/segment_code")
    sql.run(con, "notes/interviewed", {"waves": list(waves)})
    sql.run(con, "notes/participant_code", {"waves": list(waves)})
    return {
        "codes": len(notes.codes),
        "segments": len(segments.segments),
        "codings": len(segments.codings),
        "quarantined": sum(t.quarantined for _, t in notes.tallies),
        "problems": len(notes.problems),
    }


def _source_files(notes: Notes, received: Mapping[str, datetime]) -> list[tuple[object, ...]]:
    now = clock.now()
    rows: list[tuple[object, ...]] = []
    for t, n in notes.tallies:
        counts = (n.rows_in, n.accepted, n.quarantined, n.duplicates, n.blank, n.withdrawn)
        rows.append((t.source_id, t.sha256, t.name, t.kind, t.format, None, "imported", *counts, t.header_row,
                     received.get(t.source_id, now)))  # fmt: skip
    for f in notes.files:
        if f.kind == TRANSCRIPT:
            source_id = source_id_of(None, f.kind, f.sha256)
            rows.append((source_id, f.sha256, f.name, f.kind, "txt", None, "imported", 0, 0, 0, 0, 0, 0, None,
                         received.get(source_id, now)))  # fmt: skip
    return list({row[0]: row for row in rows}.values())
