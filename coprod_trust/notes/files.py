"""Which files hold the notes, where their bytes lie, and each as a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from coprod_trust.errors import Reason, StudyError
from coprod_trust.ingest import archive
from coprod_trust.ingest.catalogue import severities
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.ingest.readers import source_id_of, stage
from coprod_trust.notes.codebook import EXPECTED, nearest
from coprod_trust.notes.projects.opening import INNER, is_project
from coprod_trust.notes.table import Reporter, Row, Table
from coprod_trust.notes.transcript import Transcript
from coprod_trust.store import StudyPaths
from coprod_trust.study import File, Study

TRANSCRIPT = "transcript"
KINDS = ("codebook", "codebook_version", "code_mapping", "documents", "roster", "guide", "segments", TRANSCRIPT)
REQUIRED = {
    "codebook": ("code", "name"),
    "codebook_version": ("code", "name"),
    "code_mapping": ("from_code", "to_code"),
    "segments": ("document", "code"),
    "documents": ("document",),
    "roster": ("document", "participant_id"),
    "guide": ("document", "construct"),
}
OPTIONAL = {
    "codebook": ("parent", "definition", "include", "exclude", "anchor", "construct", *EXPECTED),
    "segments": (
        "segment_id", "position", "start_offset", "end_offset", "participant_id", "speaker", "speaker_role", "wave",
        "coder", "coded_on", "blinded", "codebook_version", "valence", "time_reference", "certainty", "elicited",
        "stance", "finding_id", "kept", "filter_reason", "consent_quote", "paraphrase", "text", "translated_from",
        "original_text",
    ),
    "code_mapping": ("from_version", "to_version", "kind", "why"),
    "documents": ("kind", "case_name", "date", "wave"),
    "roster": ("case_name", "speaker", "role", "spoke"),
    "guide": ("asked",),
}  # fmt: skip
OPTIONAL["codebook_version"] = OPTIONAL["codebook"]


@dataclass(frozen=True)
class NoteFile:
    """A file of the notes. ``path`` is where its bytes lie: in the study folder, or in the archive once it has gone
    from there (``vanished``). ``name`` is relative to the study folder."""

    kind: str
    path: Path
    name: str
    sha256: str
    vanished: bool = False


def note_files(paths: StudyPaths, study: Study) -> list[NoteFile]:
    """Every table of the notes, in the order in which they must be read.

    A file that was received once and has gone since comes from the archive. Files that the study names and that never
    were there raise StudyError; that there is none under a default name is no mistake.
    """
    notes = study.notes
    named = [
        *(("codebook_version", v.path) for v in notes.earlier_codebooks),
        ("codebook", notes.codebook), ("code_mapping", notes.code_mapping), ("documents", notes.documents),
        ("roster", notes.roster), ("guide", notes.guide),
    ]  # fmt: skip
    tables = [s for s in notes.segments if not is_project(s)]
    found: list[NoteFile] = []
    for kind, pattern in named:
        if pattern is None:
            continue
        files = _matching(paths, kind, pattern)
        needed = kind in notes.model_fields_set or kind == "codebook_version" or (kind == "codebook" and tables)
        if not files and needed:
            where = str(paths.root / pattern)
            raise StudyError(
                Reason(f"the file for {kind} is missing", f"put it there, or correct notes: {kind}", where)
            )
        found += files
    for pattern in notes.segments:
        files = _matching(paths, "segments", pattern)
        if not files:
            where = str(paths.root / pattern)
            raise StudyError(
                Reason("no such file of coded segments", "put it there, or correct notes: segments", where)
            )
        found += [f for f in files if f.name not in {g.name for g in found}]
    return found


def transcript_files(paths: StudyPaths, study: Study, documents: Collection[str] | None = None) -> list[NoteFile]:
    """The transcripts of these documents (None: of all), where there are any: <document>.txt."""
    folder = study.notes.transcripts
    if folder is None:
        return []
    found = _matching(paths, TRANSCRIPT, f"{folder}/*.txt")
    if documents is None:
        return found
    names = {f"{folder}/{document}.txt" for document in documents}
    return [f for f in found if f.name in names]


def _matching(paths: StudyPaths, kind: str, pattern: str) -> list[NoteFile]:
    # A QualCoder project is a folder; what counts is the database in it.
    inside = [p / INNER if p.is_dir() else p for p in sorted(paths.root.glob(pattern))]
    present = [p for p in inside if p.is_file() and not p.name.startswith(("~$", "."))]
    files = {}
    gone = archive.replaced(paths)
    for path in present:
        name = path.relative_to(paths.root).as_posix()
        sha256 = archive.hash_of(path)
        if sha256 not in gone:
            files[name] = NoteFile(kind, path, name, sha256)
        elif gone[sha256]:
            # Somebody in it withdrew: its remaining rows are read, whatever lies in the folder.
            files[name] = NoteFile(kind, archive.kept_path(paths, gone[sha256]), name, gone[sha256])
    patterns = (pattern, f"{pattern.rstrip('/')}/{INNER}")
    received = {
        e.path: e for e in archive.entries(paths) if e.kind == kind and any(fnmatchcase(e.path, p) for p in patterns)
    }
    for name, entry in received.items():
        if name not in files and not (paths.root / name).is_file():
            files[name] = NoteFile(kind, archive.kept_path(paths, entry.sha256), name, entry.sha256, vanished=True)
    return [files[name] for name in sorted(files)]


def read_tables(
    con: duckdb.DuckDBPyConnection, study: Study, files: Sequence[NoteFile], report: Reporter
) -> Iterator[Table]:
    """Each file as a table, by the readers of the survey; one that cannot be read is left out and reported.

    To be called outside a transaction: row numbers rest on those of temporary tables.
    """
    levels = severities(study)
    for file in files:
        if is_project(file.name):
            continue
        try:
            # A decimal point keeps commas in texts as they are.
            staged = stage(
                con, file.path, File(path=file.name, decimal="."), name=file.name, wave=None, kind=file.kind,
                sha256=file.sha256, severities=levels,
            )  # fmt: skip
        except FileRefused as refused:
            report.problems += refused.problems
            continue
        names = [c.name for c in staged.columns]
        columns = tuple("_".join(name.casefold().split()) for name in names)
        rows = con.execute(f"SELECT * FROM {staged.table} ORDER BY row_number").fetchall()
        table = Table(
            kind=file.kind,
            name=file.name,
            source_id=source_id_of(None, file.kind, file.sha256),
            sha256=file.sha256,
            format=staged.format,
            header_row=staged.header_row,
            columns=columns,
            rows=tuple(
                Row(number, {c: v or "" for c, v in zip(columns, cells, strict=True)}) for number, *cells in rows
            ),
        )
        # A lone + or - is how the codebook writes a direction.
        report.problems += [
            p for p in staged.problems if p.rule != "formula-like-text" or p.column_name not in EXPECTED
        ]
        # Codes may stand in columns: segments are looked at once the codebook is known.
        if table.kind == "segments" or columns_fit(table, report):
            yield table


def columns_fit(table: Table, report: Reporter) -> bool:
    """Whether the table has the columns that its kind needs; columns that are not used are told."""
    missing = [c for c in REQUIRED[table.kind] if c not in table.columns]
    if missing:
        report.add(
            "file-type-mismatch",
            table,
            row=table.header_row,
            message=f"a file for {table.kind} needs the column {' and '.join(missing)}",
            expected=", ".join(REQUIRED[table.kind]),
            fix="name the columns as docs/notes.md lists them"
            + ("; with codes in columns, name these as the codebook does" if table.kind == "segments" else ""),
        )
        return False
    known = {*REQUIRED[table.kind], *OPTIONAL[table.kind]}
    for column in table.columns:
        if column not in known:
            report.add(
                "column-unknown",
                table,
                row=table.header_row,
                column=column,
                message="a column that is not used",
                expected=", ".join((*REQUIRED[table.kind], *OPTIONAL[table.kind])),
                fix="correct its name where one of these is meant",
                suggestion=nearest(column, known - set(table.columns)),
            )
    return True


def read_transcripts(files: Sequence[NoteFile], report: Reporter) -> dict[str, Transcript]:
    """The words of each transcript by document; one that is not in UTF-8 refuses, since offsets would count wrong."""
    found = {}
    for file in files:
        try:
            found[Path(file.name).stem] = Transcript(_text(file.path))
        except UnicodeDecodeError:
            table = Table(
                TRANSCRIPT, file.name, source_id_of(None, TRANSCRIPT, file.sha256), file.sha256, "txt", 0, (), ()
            )
            report.add(
                "encoding-undecidable",
                table,
                message="the transcript is not written in UTF-8",
                expected="UTF-8",
                fix="save it again as UTF-8",
            )
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def keep(paths: StudyPaths, files: Sequence[NoteFile]) -> None:
    """Keep the bytes of every file in the archive; StudyError where one changed while it was read."""
    for file in files:
        if not file.vanished and archive.keep(paths, file.path) != file.sha256:
            raise StudyError(
                Reason("the file changed while it was read", "wait until it is written, then run again", file.name)
            )


def record(paths: StudyPaths, files: Sequence[NoteFile]) -> dict[str, archive.Entry]:
    """Enter the files into the archive's index; each entry by source_id."""
    return {source_id_of(None, f.kind, f.sha256): archive.record(paths, f.name, f.sha256, None, f.kind) for f in files}


def record_refused(paths: StudyPaths, files: Sequence[NoteFile]) -> None:
    """Enter refused files as received and not imported; the others of the run are not imported either."""
    imported = {(e.path, e.sha256) for e in archive.entries(paths) if e.kind in KINDS}
    for file in files:
        if (file.name, file.sha256) not in imported:
            archive.record(paths, file.name, file.sha256, None, "refused")
