"""The notes step: codebook and coded notes into tables, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import duckdb

from coprod_trust import clock, kept
from coprod_trust.decisions import CodingDecision, Correction, Release, Withdrawal
from coprod_trust.ingest.archive import entries
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.ingest.readers import source_id_of
from coprod_trust.notes.files import KINDS, TRANSCRIPT, keep, note_files, record, record_refused, transcript_files
from coprod_trust.notes.reading import Notes, first_reported, read_notes
from coprod_trust.steps import Context, Counts
from coprod_trust.store import insert_rows, open_work, sql, transaction

__all__ = ["Notes", "read_notes", "run_step", "store_notes"]


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


def inputs(con: duckdb.DuckDBPyConnection, context: Context) -> kept.Inputs:
    """The files of the notes, what was received before, the decisions about them, and when waves were reported."""
    paths, study = context.paths, context.study()
    everything = [*note_files(paths, study), *transcript_files(paths, study)]
    read = [(f.name, f"{f.kind} {f.vanished} {f.sha256}") for f in everything]
    received = [
        (e.path, f"{e.sha256} {e.kind} {e.received_at}") for e in entries(paths) if e.kind in (*KINDS, "refused")
    ]
    decided = kept.decisions(paths.root, Correction, Release, CodingDecision, Withdrawal)
    reported = [(wave, str(day)) for wave, day in first_reported(con, study).items()] if read else []
    return (*read, *received, *decided, *reported)


def store_notes(con: duckdb.DuckDBPyConnection, notes: Notes, received: Mapping[str, datetime] | None = None) -> Counts:
    """Rebuild the tables of this step; within a transaction. ``received`` says when each file came, by source_id."""
    sql.run(con, "notes/clear", {"kinds": list(KINDS)})
    waves = notes.setting.waves
    segments = notes.segments
    insert_rows(con, "source_file", _source_files(notes, received or {}))
    insert_rows(con, "problem", [p.as_row() for p in notes.problems])
    insert_rows(con, "code", _rows(notes.codes))
    insert_rows(con, "code_version", list(_versions(notes)))
    insert_rows(con, "code_mapping", _rows(notes.versions.mappings))
    insert_rows(con, "document", list(_documents(notes)))
    insert_rows(con, "roster", _rows(notes.setting.roster))
    insert_rows(con, "guide", notes.setting.guide)
    insert_rows(con, "segment", _rows(segments.segments.values()))
    insert_rows(con, "coding", _rows(segments.codings.values()))
    insert_rows(con, "segment_coder", [(*r, r in segments.held) for r in sorted(segments.readings)])
    insert_rows(con, "coding_decision", list(_decisions(notes)))
    _store_projects(con, notes)
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


def _rows(items: Iterable[Any]) -> list[tuple[object, ...]]:
    """Dataclasses of one kind as rows. ``astuple`` copies each value, which takes as long as reading them did."""
    listed = list(items)
    return list(map(attrgetter(*(f.name for f in fields(listed[0]))), listed)) if listed else []


def _versions(notes: Notes) -> Iterator[tuple[object, ...]]:
    for ordinal, v in enumerate(notes.versions.versions, 1):
        for c in v.codes:
            yield (v.name, ordinal, c.code, c.parent, c.name, c.definition, c.include, c.exclude, c.anchor, c.construct,
                   v.table.source_id)  # fmt: skip


def _documents(notes: Notes) -> Iterator[tuple[object, ...]]:
    for d in notes.setting.documents.values():
        if not notes.setting.later(d.wave):
            words = notes.transcripts.get(d.document)
            yield d.document, d.kind, d.case_name, d.date, d.wave, len(words.text) if words else None


def _decisions(notes: Notes) -> Iterator[tuple[object, ...]]:
    """What was settled, by rows of a coder who stands for all, or by decisions, which go before; the last stands."""
    last: dict[tuple[str, str], tuple[object, ...]] = {}
    given: dict[str, set[str]] = {}
    for segment, code, _ in notes.segments.codings:
        given.setdefault(segment, set()).add(code)
    for segment, s in notes.segments.settled.items():
        for code in given.get(segment, set()) | s.codes:
            on = s.on.isoformat() if s.on else None
            last[segment, code] = (code in s.codes, s.who, on, "reconciled in the file of segments")
    for d in notes.decisions:
        last[d.segment_id, d.code] = (d.present, d.who, d.when.isoformat(), d.why)
    return ((*key, *rest) for key, rest in sorted(last.items()))


def _store_projects(con: duckdb.DuckDBPyConnection, notes: Notes) -> None:
    """What projects of coding programs hold beside codings."""
    for linked in notes.linked:
        source = linked.table.source_id
        insert_rows(con, "note_case", [(w.case_name, w.participant_id, w.role, source) for w in linked.cases])
        insert_rows(con, "note_variable", [(*v, source) for v in _rows(linked.values)])
        memos = [(m.subject, m.subject_name, m.title, m.text, m.author, m.written_on, source) for m in linked.memos]
        insert_rows(con, "memo", memos)


def _source_files(notes: Notes, received: Mapping[str, datetime]) -> list[tuple[object, ...]]:
    now = clock.now()
    rows: list[tuple[object, ...]] = []
    for t, n in notes.tallies:
        counts = (n.rows_in, n.accepted, n.quarantined, n.duplicates, n.blank, n.withdrawn)
        rows.append((t.source_id, t.sha256, t.name, t.kind, t.format, None, "imported", *counts, t.header_row or None,
                     received.get(t.source_id, now)))  # fmt: skip
    for f in notes.files:
        if f.kind == TRANSCRIPT:
            source_id = source_id_of(None, f.kind, f.sha256)
            rows.append((source_id, f.sha256, f.name, f.kind, "txt", None, "imported", 0, 0, 0, 0, 0, 0, None,
                         received.get(source_id, now)))  # fmt: skip
    return list({row[0]: row for row in rows}.values())
