"""Which files hold the notes, and each as a table."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from coprod_trust.errors import Reason, StudyError
from coprod_trust.notes.table import Row, Table
from coprod_trust.notes.transcript import Transcript
from coprod_trust.study import Study

REQUIRED = {
    "codebook": ("code", "name"),
    "segments": ("document", "code"),
    "documents": ("document",),
    "roster": ("document", "participant_id"),
    "guide": ("document", "construct"),
}


def note_files(root: Path, study: Study) -> Iterator[tuple[str, Path]]:
    """(kind, path) of every file of the notes, in the order in which they must be read.

    Files that the study names and that are missing raise StudyError; a default name that is missing is no mistake.
    """
    notes = study.notes
    wanted: list[tuple[str, str | None]] = [("codebook", notes.codebook)]
    wanted += [("documents", notes.documents), ("roster", notes.roster), ("guide", notes.guide)]
    for kind, name in wanted:
        if name is None:
            continue
        path = root / name
        if path.is_file():
            yield kind, path
        elif kind in notes.model_fields_set or (kind == "codebook" and notes.segments):
            raise StudyError(Reason(f"the {kind} is missing", f"put it at {name}, or correct notes: {kind}", str(path)))
    for pattern in notes.segments:
        found = sorted(p for p in root.glob(pattern) if p.is_file())
        if not found:
            raise StudyError(
                Reason(
                    "no such file of coded segments", "put it there, or correct notes: segments", str(root / pattern)
                )
            )
        for path in found:
            yield "segments", path


def read_table(root: Path, path: Path, kind: str) -> Table:
    """A CSV file of the notes; StudyError where it cannot be read or lacks a column that its kind needs."""
    data = path.read_bytes()
    name = path.relative_to(root).as_posix()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StudyError(Reason("not written in UTF-8", "save the file as CSV UTF-8", name)) from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    columns = tuple("_".join(c.strip().casefold().split()) for c in lines[0]) if lines else ()
    missing = [c for c in REQUIRED[kind] if c not in columns]
    if missing:
        raise StudyError(
            Reason(
                f"the {kind} has no column {', '.join(missing)}",
                f"name its columns as docs/notes.md lists them; {', '.join(REQUIRED[kind])} are needed",
                name,
            )
        )
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) > len(columns):
            raise StudyError(
                Reason(
                    f"row {number} has more cells than the header",
                    "put texts that hold the delimiter between double quotes",
                    name,
                )
            )
        rows.append(Row(number, {c: v.strip() for c, v in zip(columns, cells, strict=False)}))
    sha256 = hashlib.sha256(data).hexdigest()
    return Table(kind, name, f"{kind}__{sha256[:16]}", sha256, "csv", 1, columns, tuple(rows))


def read_transcripts(root: Path, study: Study, documents: set[str]) -> dict[str, Transcript]:
    """The transcripts of these documents, where they are there: <document>.txt in UTF-8."""
    if study.notes.transcripts is None:
        return {}
    folder = root / study.notes.transcripts
    found = {}
    for document in sorted(documents):
        path = folder / f"{document}.txt"
        if path.parent == folder and path.is_file():
            try:
                found[document] = Transcript(path.read_text(encoding="utf-8-sig"))
            except UnicodeDecodeError:
                raise StudyError(Reason("not written in UTF-8", "save the transcript as UTF-8", str(path))) from None
    return found
