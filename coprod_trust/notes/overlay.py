"""Corrections and releases laid over the tables of the notes; what they become is checked like everything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from coprod_trust.decisions import Correction, Release
from coprod_trust.notes.table import Row, Table


def overlay(table: Table, corrections: Iterable[Correction], releases: Iterable[Release]) -> Table:
    """The table with corrected cells. A correction names a row by the start of the file's SHA-256 and its number; one
    that names a person concerns the survey."""
    cells: dict[int, dict[str, str]] = defaultdict(dict)
    for c in corrections:
        if c.row_number is not None and c.sha256 is not None and table.sha256.startswith(c.sha256):
            cells[c.row_number][_column(c.column)] = c.value or ""
    for r in releases:
        if r.value is not None and r.source_id == table.source_id and r.row_number is not None and r.column:
            cells[r.row_number][_column(r.column)] = r.value
    if not cells:
        return table
    rows = tuple(Row(r.number, {**r.cells, **cells[r.number]}) if r.number in cells else r for r in table.rows)
    return replace(table, rows=rows)


def _column(name: str) -> str:
    return "_".join(name.casefold().split())
