"""Wave files read plainly, without the package's own readers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any


def rows_of(path: Path) -> list[list[Any]]:
    """Every row as a spreadsheet shows it, the header's and title rows included: row 1 is index 0."""
    if path.suffix == ".csv":
        delimiter = ";" if path.parent.name == "waves" else ","
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.reader(handle, delimiter=delimiter))
    if path.suffix == ".xlsx":
        from openpyxl import load_workbook

        return [list(row) for row in load_workbook(path)["Data"].iter_rows(values_only=True)]
    import pyreadstat

    frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    return [list(meta.column_names), *frame.values.tolist()]


def cell(path: Path, row: int, column: str) -> Any:
    """The cell of the column with that name: in that row, counted from 1, or of that case in an SPSS file."""
    rows = rows_of(path)
    header = next(r for r in rows if "respnr" in r or "segment_id" in r)
    return rows[row if path.suffix == ".sav" else row - 1][header.index(column)]
