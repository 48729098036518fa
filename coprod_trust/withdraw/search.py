"""Opens every file of a study and looks for a person: tables, zips, PDF text, databases, and plain bytes."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import duckdb

from coprod_trust.store import sql
from coprod_trust.withdraw.needles import Needles

MAX_TEXT = 1 << 28
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"wOF2", b"wOFF", b"\x00\x01\x00\x00")
_CELL_PLACE = re.compile(r'\b(?:r|ref|dimension|sqref|activeCell|topLeftCell)="[A-Z$:0-9 ]+"')


@dataclass(frozen=True)
class Searched:
    """``opened``: how many files were looked into; ``found``: those in which something of the person stands;
    ``unread``: those that could not be opened as what they are (their bytes were searched all the same)."""

    opened: int
    found: tuple[str, ...]
    unread: tuple[str, ...]


def search(root: Path, needles: Needles) -> Searched:
    """Look into every file under ``root``, hidden ones too."""
    found: list[str] = []
    unread: list[str] = []
    opened = 0
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        opened += 1
        name = path.relative_to(root).as_posix()
        if needles.in_text(name):
            found.append(name)
            continue
        try:
            hit = any(needles.in_text(t) if c is None else needles.in_cell(c, t) for c, t in texts_of(path))
        except (duckdb.Error, sqlite3.Error, OSError, ValueError, KeyError, BadZipFile):
            hit = False
            unread.append(name)
        if hit or needles.in_bytes(path.read_bytes()):
            found.append(name)
    return Searched(opened, tuple(found), tuple(unread))


def search_file(path: Path, needles: Needles) -> bool:
    """Whether anything of the person stands in one file."""
    try:
        hit = any(needles.in_text(t) if c is None else needles.in_cell(c, t) for c, t in texts_of(path))
    except (duckdb.Error, sqlite3.Error, OSError, ValueError, KeyError, BadZipFile):
        hit = False
    return hit or needles.in_bytes(path.read_bytes())


def texts_of(path: Path) -> Iterator[tuple[str | None, str]]:
    """Every text in a file: a cell of a table with the name of its column, or running text (None)."""
    with path.open("rb") as handle:
        head = handle.read(32)
    if head[8:12] == b"DUCK":
        yield from _duckdb(path)
    elif head.startswith(b"PAR1"):
        yield from _cells(f"read_parquet({sql.text(str(path))})")
    elif head.startswith(b"SQLite format 3"):
        yield from _sqlite(path)
    elif head.startswith((b"$FL2", b"$FL3", b"<stata_dta>")):
        yield from _labelled(path, head)
    elif head.startswith(b"%PDF"):
        yield from _pdf(path.read_bytes())
    elif head.startswith(b"PK\x03\x04"):
        yield from _zip(path.read_bytes())
    elif path.suffix.lower() in (".csv", ".tsv", ".tab") or path.stat().st_size < MAX_TEXT:
        yield from _text(path.read_bytes(), path.suffix.lower() in (".csv", ".tsv", ".tab") or _is_archived(path))


def _is_archived(path: Path) -> bool:
    return path.parent.name == "archive" and len(path.name) == 64


def _text(data: bytes, table: bool) -> Iterator[tuple[str | None, str]]:
    text = _readable(data)
    yield None, text
    if not table:
        return
    import csv

    csv.field_size_limit(1 << 24)
    for delimiter in ",;\t":
        if delimiter in text[:100_000]:
            try:
                names: list[str] = []
                for record in csv.reader(io.StringIO(text), delimiter=delimiter):
                    names = names or record
                    yield from ((names[i] if i < len(names) else "", cell) for i, cell in enumerate(record) if cell)
            except csv.Error:
                continue


def _readable(data: bytes) -> str:
    """Bytes as text. Of pictures nothing; of other bytes that are no text, what can be read in a row in them: in noise
    any short id would turn up by chance."""
    if data.startswith(_PICTURES):
        return ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:8192]:
        return "\n".join(run.decode("ascii") for run in re.findall(rb"[\x20-\x7e]{8,}", data))
    return data.decode("utf-8-sig", errors="replace")


def _zip(data: bytes, depth: int = 0) -> Iterator[tuple[str | None, str]]:
    with ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            yield None, member.filename
            content = archive.read(member)
            if content.startswith(b"PK\x03\x04") and depth < 3:
                yield from _zip(content, depth + 1)
            elif content.startswith(b"%PDF"):
                yield from _pdf(content)
            else:
                text = _readable(content).replace("><", "> <")
                # The places of cells in a workbook (P5) look like ids and are none.
                yield None, _CELL_PLACE.sub(" ", text) if member.filename.startswith("xl/") else text


def _pdf(data: bytes) -> Iterator[tuple[str | None, str]]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        for page in PdfReader(io.BytesIO(data)).pages:
            yield None, page.extract_text()
    except PyPdfError as error:
        raise ValueError("not a PDF that can be read") from error


def _duckdb(path: Path) -> Iterator[tuple[str | None, str]]:
    con = duckdb.connect(str(path), read_only=True)
    try:
        columns = con.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = current_database() "
            "AND table_name IN (SELECT table_name FROM duckdb_tables()) AND data_type NOT IN ('DOUBLE', 'FLOAT', "
            "'BIGINT', 'INTEGER', 'SMALLINT', 'BOOLEAN', 'DATE', 'TIMESTAMP WITH TIME ZONE')"
        ).fetchall()
        for schema, table, column in columns:
            relation = f"{sql.ident(schema)}.{sql.ident(table)}"
            yield from _column(con, relation, column)
    finally:
        con.close()


def _cells(relation: str) -> Iterator[tuple[str | None, str]]:
    con = duckdb.connect()
    try:
        for column, *_ in con.execute(f"DESCRIBE FROM {relation}").fetchall():
            yield from _column(con, relation, column)
    finally:
        con.close()


def _column(con: duckdb.DuckDBPyConnection, relation: str, column: str) -> Iterator[tuple[str | None, str]]:
    quoted = sql.ident(column)
    found = con.execute(f"SELECT DISTINCT {quoted}::VARCHAR FROM {relation} WHERE {quoted} IS NOT NULL").fetchall()
    yield from ((column, str(value)) for (value,) in found)


def _sqlite(path: Path) -> Iterator[tuple[str | None, str]]:
    con = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        tables = con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = con.execute(f"SELECT * FROM {sql.ident(table)}")
            names = [d[0] for d in rows.description]
            for row in rows:
                yield from ((n, cell) for n, cell in zip(names, row, strict=True) if isinstance(cell, str))
    finally:
        con.close()


def _labelled(path: Path, head: bytes) -> Iterator[tuple[str | None, str]]:
    import pyreadstat

    read: Any = pyreadstat.read_dta if head.startswith(b"<stata") else pyreadstat.read_sav
    try:
        data, _ = read(str(path), output_format="dict", user_missing=True)
    except pyreadstat.ReadstatError as error:
        raise ValueError("not a file that can be read") from error
    for name, values in data.items():
        for value in {v for v in values if v is not None}:
            number = isinstance(value, float) and value.is_integer()
            yield name, str(int(value)) if number else str(value)
