"""Corrections and releases laid over the tables of the notes; what they become is checked like everything else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from coprod_trust.decisions import Correction, Release
from coprod_trust.notes.layout import GIVEN
from coprod_trust.notes.table import Row, Table


def overlay(table: Table, corrections: Iterable[Correction], releases: Iterable[Release]) -> Table:
    """The table with corrected cells. A correction names a row by the start of the file's SHA-256 and its number; one
    that names a person concerns the survey."""
    cells: dict[int, dict[str, str]] = defaultdict(dict)
    for c in corrections:
        if c.row_number is not None and c.sha256 is not None and table.sha256.startswith(c.sha256):
            cells[c.row_number] |= _cells(c.column, c.value or "")
    for r in releases:
        if r.value is not None and r.source_id == table.source_id and r.row_number is not None and r.column:
            cells[r.row_number] |= _cells(r.column, r.value)
    if not cells:
        return table
    rows = tuple(_laid_over(r, cells[r.number]) if r.number in cells else r for r in table.rows)
    return replace(table, rows=rows)


def _laid_over(row: Row, cells: dict[str, str]) -> Row:
    """The row with the cells; the code that stood there is remembered, since it may have been split since."""
    given = {GIVEN: row["code"]} if "code" in cells else {}
    return Row(row.number, {**row.cells, **cells, **given})


def _cells(column: str, value: str) -> dict[str, str]:
    """The corrected cell; offsets may be given as both at once, 538-620, as they are suggested."""
    name = "_".join(column.casefold().split())
    both = re.fullmatch(r"(\d+)\s*-\s*(\d+)", value) if name == "start_offset" else None
    return {"start_offset": both[1], "end_offset": both[2]} if both else {name: value}
