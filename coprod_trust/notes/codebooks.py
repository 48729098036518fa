"""Every codebook of a study: the present one, those declared as earlier, and those that the archive remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from coprod_trust.ingest import archive
from coprod_trust.ingest.catalogue import severities
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.ingest.readers import source_id_of
from coprod_trust.ingest.readers.report import Report
from coprod_trust.notes.codebook import Code, check_project_codes, read_codebook
from coprod_trust.notes.files import NoteFile, read_tables
from coprod_trust.notes.linking import codes_of, is_reserved
from coprod_trust.notes.projects import Project, is_project, open_project
from coprod_trust.notes.table import Reporter, Table, Tally
from coprod_trust.notes.versions import Version
from coprod_trust.store import StudyPaths
from coprod_trust.study import Study

MOST_REMEMBERED = 20


def read_projects(files: Sequence[NoteFile], study: Study, report: Reporter) -> list[tuple[Table, Project]]:
    """Each project of a coding program, with an empty table that says which file it is. One that is damaged or hostile
    is left out and reported."""
    found = []
    for file in files:
        if is_project(file.name):
            source_id = source_id_of(None, file.kind, file.sha256)
            try:
                form, project = open_project(
                    file.path, file.name, Report(file.name, None, source_id, severities(study))
                )
            except FileRefused as refused:
                report.problems += refused.problems
                continue
            found.append((Table(file.kind, file.name, source_id, file.sha256, form, 0, (), ()), project))
    return found


def codebook_of(table: Table, project: Project, report: Reporter) -> tuple[list[Code], Tally]:
    """The codes of a .qdc, or of a project where the study has no codebook."""
    codes = codes_of([project])
    check_project_codes(codes, len(project.codes) - len(codes) - _reserved(project), table, report)
    return codes, Tally(accepted=len(project.codes))


def _reserved(project: Project) -> int:
    return sum(is_reserved(c.name, project.path_of(c.key)) for c in project.codes)


def remembered(
    con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, files: Sequence[NoteFile]
) -> list[Version]:
    """Earlier contents of the codebook's file, oldest first; they tell what became of codes that segments still use."""
    silent = Reporter(study)
    now = {f.sha256 for f in files}
    names = {f.name for f in files if f.kind == "codebook"}
    versions: dict[str, Version] = {}
    for entry in archive.entries(paths):
        if entry.kind != "codebook" or entry.path not in names or entry.sha256 in now | versions.keys():
            continue
        file = NoteFile("codebook", archive.kept_path(paths, entry.sha256), entry.path, entry.sha256, vanished=True)
        name = f"received {entry.received_at.date().isoformat()} ({entry.sha256[:8]})"
        if not file.path.is_file():
            continue
        read = read_codes(con, study, [file], silent)
        if read:
            versions[entry.sha256] = Version(name, tuple(read[0][1]), read[0][0], declared=False)
    return list(versions.values())[-MOST_REMEMBERED:]


def read_codes(
    con: duckdb.DuckDBPyConnection, study: Study, files: Sequence[NoteFile], report: Reporter
) -> list[tuple[Table, list[Code], Tally]]:
    """The codes of each of these files, table or .qdc."""
    found = [(t, *read_codebook(t, report)) for t in read_tables(con, study, files, report)]
    found += [(t, *codebook_of(t, p, report)) for t, p in read_projects(files, study, report)]
    return found


def coders_before(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, file: NoteFile) -> Mapping[str, int]:
    """Rows a coder in the content that this file of segments had before the present one; none where it is new."""
    earlier = [e for e in archive.entries(paths) if e.kind == "segments" and e.path == file.name]
    shas = [e.sha256 for e in earlier if e.sha256 != file.sha256]
    kept = archive.kept_path(paths, shas[-1]) if shas else None
    if kept is None or not kept.is_file():
        return {}
    before = NoteFile("segments", kept, file.name, shas[-1], vanished=True)
    silent = Reporter(study)
    counts: dict[str, int] = {}
    for table in read_tables(con, study, [before], silent):
        for row in table.rows:
            counts[row["coder"]] = counts.get(row["coder"], 0) + 1
    for _, project in read_projects([before], study, silent):
        for coding in project.codings:
            counts[coding.coder or ""] = counts.get(coding.coder or "", 0) + 1
    return {coder: n for coder, n in counts.items() if coder}
