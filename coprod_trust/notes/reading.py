"""Everything that the notes of a study hold, read and held against the rules; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from coprod_trust.decisions import CodingDecision, Correction, Release, read
from coprod_trust.ingest.erased import erased
from coprod_trust.ingest.problem import Problem
from coprod_trust.notes.codebook import Code
from coprod_trust.notes.codebooks import codebook_of, coders_before, read_codes, read_projects, remembered
from coprod_trust.notes.coded import Segments
from coprod_trust.notes.documents import Setting, read_documents, read_guide, read_roster
from coprod_trust.notes.files import (
    OPTIONAL,
    REQUIRED,
    NoteFile,
    columns_fit,
    note_files,
    read_tables,
    read_transcripts,
    transcript_files,
)
from coprod_trust.notes.layout import in_rows
from coprod_trust.notes.linking import Linked, Linker
from coprod_trust.notes.overlay import overlay
from coprod_trust.notes.projects import Project
from coprod_trust.notes.segments import SegmentReader
from coprod_trust.notes.table import Reporter, Table, Tally
from coprod_trust.notes.transcript import Transcript
from coprod_trust.notes.versions import Version, Versions, check_versions, read_mapping
from coprod_trust.store import StudyPaths, sql
from coprod_trust.study import Severity, Study

_SEGMENT_COLUMNS = frozenset({*REQUIRED["segments"], *OPTIONAL["segments"], "codes"})


@dataclass
class Notes:
    """Everything read from the notes of a study up to a wave, before anything is stored."""

    setting: Setting
    files: list[NoteFile] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    versions: Versions = field(default_factory=Versions)
    segments: Segments = field(default_factory=Segments)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    linked: list[Linked] = field(default_factory=list)
    decisions: tuple[CodingDecision, ...] = ()
    tallies: list[tuple[Table, Tally]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refusals(self) -> list[Problem]:
        return [p for p in self.problems if p.severity is Severity.REFUSE]


def read_notes(con: duckdb.DuckDBPyConnection, study: Study, root: Path, wave: str) -> Notes:
    """Read and check all files of the notes; writes nothing but temporary tables, so not within a transaction.

    ``con`` says who is in the survey, and when a wave was first reported on.
    """
    return _Reading(con, study, root, wave).read()


class _Reading:
    def __init__(self, con: duckdb.DuckDBPyConnection, study: Study, root: Path, wave: str) -> None:
        self.con = con
        self.study = study
        self.paths = StudyPaths(root)
        self.releases = read(root, Release)
        self.corrections = read(root, Correction)
        self.report = Reporter(study, frozenset(r.problem_id for r in self.releases))
        setting = Setting(
            study,
            wave,
            participants=_ids(con, "participant"),
            withdrawn=_ids(con, "withdrawn_participant"),
            before=erased(self.paths, study),
        )
        self.notes = Notes(setting, note_files(self.paths, study), decisions=read(root, CodingDecision))

    def read(self) -> Notes:
        notes, report = self.notes, self.report
        codebooks = ("codebook", "codebook_version")
        others = [f for f in notes.files if f.kind not in codebooks]
        tables = [
            overlay(t, self.corrections, self.releases) for t in read_tables(self.con, self.study, others, report)
        ]
        projects = read_projects(others, self.study, report)
        self._codebooks(projects, [t for t in tables if t.kind == "code_mapping"])
        for kind, read_kind in (("documents", read_documents), ("roster", read_roster), ("guide", read_guide)):
            for table in (t for t in tables if t.kind == kind):
                notes.tallies.append((table, read_kind(table, notes.setting, report)))
        segments = [self._in_rows(t) for t in tables if t.kind == "segments"]
        self._segments([t for t in segments if t is not None], projects)
        notes.problems = report.problems
        return notes

    # -- codebooks ---------------------------------------------------------------------------------------------

    def _codebooks(self, projects: Sequence[tuple[Table, Project]], mappings: Sequence[Table]) -> None:
        """The present codebook (else the codes of the projects), the earlier ones, and what became of codes."""
        notes, report, settings = self.notes, self.report, self.study.notes
        present = self._codes_of("codebook")
        if not any(f.kind == "codebook" for f in notes.files):
            present = [(t, *codebook_of(t, p, report)) for t, p in projects]
        else:
            notes.tallies += [(table, tally) for table, _, tally in present]
        by_id: dict[str, Code] = {}
        for _, codes, _ in present:
            by_id = {**{c.code: c for c in codes}, **by_id}
        notes.codes = list(by_id.values())
        notes.setting.codes = frozenset(by_id)
        earlier = {t.name: (t, codes, tally) for t, codes, tally in self._codes_of("codebook_version")}
        notes.tallies += [(table, tally) for table, _, tally in earlier.values()]
        versions = [
            Version(v.version, tuple(earlier[v.path][1]), earlier[v.path][0])
            for v in settings.earlier_codebooks
            if v.path in earlier
        ]
        versions += remembered(self.con, self.paths, self.study, notes.files)
        if present:
            versions.append(Version(settings.codebook_version, tuple(notes.codes), present[0][0]))
        notes.versions = Versions(versions)
        for table in mappings:
            notes.tallies.append((table, read_mapping(table, notes.versions, report)))

    def _codes_of(self, kind: str) -> list[tuple[Table, list[Code], Tally]]:
        files = [f for f in self.notes.files if f.kind == kind]
        return read_codes(self.con, self.study, files, self.report)

    # -- segments ----------------------------------------------------------------------------------------------

    def _in_rows(self, table: Table) -> Table | None:
        """A row a segment, code and coder, whatever the file's layout; None where the file cannot be used."""
        table = in_rows(table, self.notes.codes, _SEGMENT_COLUMNS, self.report)
        return table if columns_fit(table, self.report) else None

    def _segments(self, tables: Sequence[Table], projects: Sequence[tuple[Table, Project]]) -> None:
        notes, report = self.notes, self.report
        for table, project in projects:
            linked = Linker(project, table, notes.setting, notes.codes).link(report)
            notes.linked.append(linked)
            notes.transcripts = {**linked.transcripts, **notes.transcripts}
        every = [*tables, *(overlay(x.table, self.corrections, self.releases) for x in notes.linked)]
        check_versions(notes.versions, {row["code"] for t in every for row in t.rows}, report)
        if not every:
            return
        documents = {row["document"] for t in every for row in t.rows if row["document"]}
        transcripts = transcript_files(self.paths, self.study, documents - notes.transcripts.keys())
        notes.files += transcripts
        notes.transcripts |= read_transcripts(transcripts, report)
        reported = first_reported(self.con, self.study)
        reader = SegmentReader(notes.setting, notes.transcripts, report, notes.versions, reported)
        notes.tallies += [(table, reader.read(table)) for table in every]
        notes.segments = reader.finish(every[0])
        self._nothing_overwritten(every)

    def _nothing_overwritten(self, tables: Sequence[Table]) -> None:
        """Rule 63: a file whose rows of one coder have gone, where there had been several."""
        aliases = self.study.notes.coder_aliases
        there = {aliases.get(row["coder"], row["coder"]) for t in tables for row in t.rows}
        by_name = {t.name: t for t in tables}
        for file in (f for f in self.notes.files if f.kind == "segments" and f.name in by_name):
            before: Counter[str] = Counter()
            for coder, n in coders_before(self.con, self.paths, self.study, file).items():
                before[aliases.get(coder, coder)] += n
            gone = Counter({c: n for c, n in before.items() if c not in there})
            if gone and len(before) > 1:
                self.report.add(
                    "originals-overwritten",
                    by_name[file.name],
                    column="coder",
                    found=", ".join(sorted(gone)),
                    message=f"{gone.total()} rows of {len(gone)} of {len(before)} coders, which the file had when it "
                    "was received before, are gone",
                    expected="the rows of every coder, also after reconciliation",
                    fix="put them back and write what was agreed upon into decisions/coding.csv, or as rows of a coder "
                    "named under notes: reconciled_by; a coder with a new name belongs under coder_aliases",
                )


def first_reported(con: duckdb.DuckDBPyConnection, study: Study) -> Mapping[str, date]:
    """By wave, the day of the first report that covered it."""
    if not _has_table(con, "run"):
        return {}
    rows = con.execute(
        "SELECT wave, min(finished_at)::DATE FROM run WHERE finished_at IS NOT NULL GROUP BY wave"
    ).fetchall()
    order = {w: i for i, w in enumerate(study.wave_ids)}
    found: dict[str, date] = {}
    for wave in study.wave_ids:
        days = [day for w, day in rows if order.get(w, -1) >= order[wave]]
        if days:
            found[wave] = min(days)
    return found


def _ids(con: duckdb.DuckDBPyConnection, table: str) -> frozenset[str]:
    """The participants in a table of the ingest step; none where it has not run."""
    if not _has_table(con, table):
        return frozenset()
    return frozenset(p for (p,) in con.execute(f"SELECT participant_id FROM {sql.ident(table)}").fetchall())


def _has_table(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    there = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = ?", [table]
    ).fetchone()
    return there is not None and bool(there[0])
