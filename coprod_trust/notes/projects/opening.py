"""Tells which program made a file, by its ending and its content, and reads it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from coprod_trust.ingest.readers.kind import sniff
from coprod_trust.ingest.readers.report import Report
from coprod_trust.notes.projects import qualcoder, refi, taguette
from coprod_trust.notes.projects.model import Project

FORMATS = {
    "qdpx": "a REFI-QDA project (.qdpx)",
    "qdc": "a REFI-QDA codebook (.qdc)",
    "qualcoder": "a QualCoder project (data.qda)",
    "taguette": "a Taguette project (SQLite)",
}
_SQLITE = (".qda", ".sqlite", ".sqlite3", ".db")
INNER = "data.qda"


def is_project(name: str) -> bool:
    """Whether a file of that name is for this room and not a table."""
    return Path(name).suffix.lower() in (".qdpx", ".qde", ".qdc", *_SQLITE)


def project_format(path: Path, name: str) -> str | None:
    """The format by ending and content; None where it is none of ours."""
    ending = Path(name).suffix.lower()
    found = sniff(path) if path.stat().st_size else None
    if ending == ".qdpx":
        return "qdpx" if found in ("zip", "xlsx") else None
    if ending == ".qdc":
        return "qdc" if found == "html" else None
    return _program(path) if ending in _SQLITE and found == "sqlite" else None


def _program(path: Path) -> str | None:
    con = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
    try:
        tables = {n for (n,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return "qualcoder" if path.suffix.lower() == ".qda" else "taguette"  # damaged: the reader says so
    finally:
        con.close()
    if tables.issuperset(qualcoder.TABLES):
        return "qualcoder"
    return "taguette" if tables.issuperset(taguette.TABLES) else None


def open_project(path: Path, name: str, report: Report) -> tuple[str, Project]:
    """The format and what the file holds; ``path`` is where its bytes lie, ``name`` what it is called.

    Raises FileRefused for a file that is damaged, hostile, or of another kind than its ending says.
    """
    if path.stat().st_size == 0:
        report.refuse("file-empty", "the file is empty (0 bytes)", "a project", "export it again")
    form = project_format(path, name)
    if form is None:
        report.refuse(
            "file-type-mismatch",
            "it is no project of a coding program that can be read here",
            ", ".join(FORMATS.values()),
            "export it from the coding program as a REFI-QDA project (.qdpx)",
        )
    if form == "qdpx":
        return form, refi.read_project(path, report)
    if form == "qdc":
        return form, refi.read_codes(path, report)
    if form == "qualcoder":
        return form, qualcoder.read_project(path, report)
    return form, taguette.read_project(path, report)
