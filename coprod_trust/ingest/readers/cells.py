"""Rows of cells, from a sheet or a table in an archive, into a table of text."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from coprod_trust.ingest.readers.header import locate, name_columns
from coprod_trust.ingest.readers.load import Checks, Loaded, clean, insert
from coprod_trust.ingest.readers.presets import heading_of
from coprod_trust.ingest.readers.report import Report
from coprod_trust.ingest.readers.staged import Column
from coprod_trust.study import File


def load_cells(
    con: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[str]], file: File, table: str, report: Report
) -> tuple[Loaded, list[str | None]]:
    """Load rows that begin in row 1 into ``table``; also the name of each column, None for one that is left out.

    Raises FileRefused.
    """
    width = max((i for row in rows for i, cell in enumerate(row, 1) if cell), default=0)
    if not width:
        report.refuse(
            "file-empty", "there is nothing in it", "a row of column names and rows of answers", "export it again"
        )
    header_row = locate(rows, width, file.header_row, report)
    heading = heading_of(file.preset, rows, header_row, report)
    body = rows[heading.last_row :]
    filled = [any(row[i] for row in body if i < len(row)) for i in range(width)]
    head = [*heading.names, *[""] * width][:width]
    names = name_columns(head, filled, header_row, report)
    kept = [i for i, name in enumerate(names) if name is not None]
    columns = [str(names[i]) for i in kept]
    total = insert(con, table, columns, ([clean(row[i]) if i < len(row) else None for i in kept] for row in body))
    labels = [*heading.labels, *[None] * width]
    labelled = tuple(Column(str(names[i]), labels[i]) for i in kept)
    return Loaded(table, labelled, heading.last_row, total, Checks(space=False)), list(names)
