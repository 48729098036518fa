"""The archive that ODK Central gives out for a form: a CSV of its submissions, and one for each repeating group.

A row of a group names the row that it belongs to: its PARENT_KEY is the KEY of a row of the form or of an outer group.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import duckdb

from coprod_trust.ingest.readers.cells import load_cells
from coprod_trust.ingest.readers.csv_text import MAX_CELL
from coprod_trust.ingest.readers.load import Loaded
from coprod_trust.ingest.readers.report import Report
from coprod_trust.ingest.readers.unpacking import safe_to_unpack
from coprod_trust.study import File

Rows = list[list[str]]


def read(con: duckdb.DuckDBPyConnection, path: Path, file: File, table: str, report: Report) -> Loaded:
    """Load the form, or with ``repeat`` the rows of that group with the columns of what they belong to, into ``table``.

    Raises FileRefused.
    """
    safe_to_unpack(path, report)
    try:
        tables = tables_of(path)
    except (UnicodeDecodeError, csv.Error):
        report.refuse(
            "file-unreadable", "a table in the archive is no CSV in UTF-8", "the archive as ODK Central gave it out",
            "download it again",
        )  # fmt: skip
    chosen = member_of(tables, file.repeat)
    if chosen is None:
        groups = ", ".join(sorted(name for name in tables if _is_group(tables[name]))) or "none"
        report.refuse(
            "sheet-not-chosen",
            "the archive has no CSV for that repeating group" if file.repeat else "the archive has not one form",
            "one CSV of submissions with a column KEY, and one for each repeating group with PARENT_KEY",
            f"correct files: repeat; there are groups: {groups}"
            if file.repeat
            else "download the form again as CSV (.zip)",
        )
    rows = _joined(tables, chosen) if file.repeat else tables[chosen]
    return replace(load_cells(con, rows, file, table, report)[0], within=chosen)


def tables_of(path: Path) -> dict[str, Rows]:
    """Each CSV in the archive by its name without the ending; attachments are left."""
    csv.field_size_limit(MAX_CELL)
    with ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.lower().endswith(".csv") and "__MACOSX" not in n]
        return {
            PurePosixPath(n).stem: list(csv.reader(io.StringIO(archive.read(n).decode("utf-8-sig"), newline="")))
            for n in names
            if not n.startswith("media/")
        }


def member_of(tables: Mapping[str, Rows], repeat: str | None) -> str | None:
    """The table to read: that of the repeating group, else the one form; None where there is none or more than one."""
    groups = [name for name in tables if _is_group(tables[name])]
    fitting = [n for n in tables if n not in groups] if repeat is None else [
        n for n in groups if n == repeat or n.endswith(f"-{repeat}")
    ]  # fmt: skip
    return fitting[0] if len(fitting) == 1 else None


def _is_group(rows: Rows) -> bool:
    return bool(rows) and "PARENT_KEY" in rows[0]


def column(rows: Rows, name: str) -> dict[int, str]:
    """The cells of a column by row, from 1 below the names; nothing where there is no such column."""
    if not rows or name not in rows[0]:
        return {}
    at = rows[0].index(name)
    return {i: row[at] for i, row in enumerate(rows[1:], 1) if len(row) > at}


def outer_of(tables: Mapping[str, Rows], name: str) -> str | None:
    """The table of the rows that those of a group belong to."""
    parents = set(column(tables[name], "PARENT_KEY").values())
    return next((n for n in tables if n != name and parents & set(column(tables[n], "KEY").values())), None)


def _joined(tables: Mapping[str, Rows], name: str) -> Rows:
    """The rows of a group, each with the columns of the rows that it belongs to, up to the form."""
    rows = [list(row) for row in tables[name]]
    parents, inner = column(tables[name], "PARENT_KEY"), name
    while (outer := outer_of(tables, inner)) is not None:
        table = tables[outer]
        by_key = {key: i for i, key in column(table, "KEY").items()}
        own = {cell.casefold() for cell in rows[0]}
        added = [i for i, cell in enumerate(table[0]) if cell.casefold() not in own]
        rows[0] += [table[0][i] for i in added]
        above = column(table, "PARENT_KEY")
        further = {}
        for i, key in parents.items():
            parent = by_key.get(key)
            rows[i] += [table[parent][k] if parent and k < len(table[parent]) else "" for k in added]
            further[i] = above.get(parent, "") if parent else ""
        parents, inner = further, outer
    return rows
