"""Excel workbooks: values by calamine, what values do not show by the sheet's XML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust.ingest.readers.cells import load_cells
from coprod_trust.ingest.readers.load import Loaded
from coprod_trust.ingest.readers.report import Report
from coprod_trust.ingest.readers.unpacking import damaged, safe_to_unpack
from coprod_trust.ingest.readers.xlsx_marks import Marks, letters, marks_of
from coprod_trust.study import File

SHOWN = 10


def read(con: duckdb.DuckDBPyConnection, path: Path, file: File, table: str, report: Report) -> Loaded:
    """Load one sheet of a workbook into ``table``. Raises FileRefused."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError

    safe_to_unpack(path, report, "workbook")
    sheet, rows = _values(path, file, report)
    try:
        marks = marks_of(path, sheet)
    except (DefusedXmlException, ParseError, KeyError):
        damaged(report, "workbook")
    loaded, names = load_cells(con, rows, file, table, report)
    _tell(marks, loaded.header_row, names, report)
    return replace(loaded, within=sheet)


def _values(path: Path, file: File, report: Report) -> tuple[str, list[list[str]]]:
    """The sheet's name and its cells as text, from A1."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            sheets = [s.name for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
            wanted = file.sheet or (file.repeat if file.preset == "kobo" else None)
            if wanted is None:
                filled = [s for s in sheets if book.get_sheet_by_name(s).start is not None]
                if file.preset == "kobo":
                    filled = [s for s in filled if not _is_repeat(book, s)] or filled
            else:
                filled = [s for s in sheets if s == wanted]
            if wanted is not None and not filled:
                report.refuse(
                    "sheet-not-chosen",
                    f"there is no sheet of the name given; the sheets are: {', '.join(sheets)}",
                    "the name of one of them",
                    "correct files: sheet" if file.sheet else "correct files: repeat",
                )
            if len(filled) > 1:
                report.refuse(
                    "sheet-not-chosen",
                    f"several sheets hold something: {', '.join(filled)}",
                    "one sheet, or the name of the one to read",
                    "name it under files: sheet",
                )
            if not filled:
                report.refuse(
                    "file-empty",
                    "no sheet holds anything",
                    "a row of column names and rows of answers",
                    "export it again",
                )
            cells = book.get_sheet_by_name(filled[0]).to_python(skip_empty_area=False)
            if file.preset == "kobo" and file.repeat and _is_repeat(book, filled[0]):
                cells = _with_parent(book, cells, report)
    except PasswordError:
        report.refuse(
            "file-unreadable", "the file has a password", "a file that opens without one", "take the password off"
        )
    except CalamineError:
        damaged(report, "workbook")
    return filled[0], [[text(cell) for cell in row] for row in cells]


def _is_repeat(book: Any, sheet: str) -> bool:
    """Whether a sheet holds the rows of a repeating group: they name the row of the form that they belong to."""
    return "_parent_index" in _first_row(book, sheet)


def _first_row(book: Any, sheet: str) -> list[str]:
    return [text(cell).strip() for cell in next(iter(book.get_sheet_by_name(sheet).to_python(nrows=1)), [])]


def _with_parent(book: Any, cells: list[list[Any]], report: Report) -> list[list[Any]]:
    """The rows of a repeating group, each with the columns of its form that the group has not itself."""
    head = [text(cell).strip() for cell in cells[0]]
    tables = {text(row[head.index("_parent_table_name")]) for row in cells[1:] if "_parent_table_name" in head}
    parents = [s for s in book.sheet_names if s in tables] if tables else []
    if len(parents) != 1 or "_index" not in _first_row(book, parents[0]):
        report.refuse(
            "sheet-not-chosen",
            "the form that the repeated rows belong to is not in the workbook",
            "a sheet with the name that stands under _parent_table_name, with a column _index",
            "export the form as XLSX again, with all its sheets",
        )
    form = book.get_sheet_by_name(parents[0]).to_python(skip_empty_area=False)
    names = [text(cell).strip() for cell in form[0]]
    own = {name.rsplit("/", 1)[-1].casefold() for name in head}
    added = [i for i, name in enumerate(names) if name and name.rsplit("/", 1)[-1].casefold() not in own]
    by_index = {text(row[names.index("_index")]): row for row in form[1:]}
    at = head.index("_parent_index")
    joined = [[*cells[0], *(form[0][i] for i in added)]]
    for row in cells[1:]:
        parent = by_index.get(text(row[at]))
        joined.append([*row, *(parent[i] if parent else "" for i in added)])
    return joined


def text(cell: Any) -> str:
    """A cell as a person would write it: whole numbers without .0, dates as ISO, a day without a time."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)


def _tell(marks: Marks, header_row: int, names: Sequence[str | None], report: Report) -> None:
    """What the sheet's marks mean for the reader of the file."""

    def column(number: int) -> str:
        name = names[number - 1] if number <= len(names) else None
        return name or letters(number)

    seen = [
        (marks.hidden_rows, f"hidden rows, included all the same: {_few(marks.hidden_rows)}"),
        (
            marks.hidden_columns,
            f"hidden columns, included: {', '.join(column(c) for c in marks.hidden_columns[:SHOWN])}",
        ),
        (marks.filtered, "a filter is set; rows that it hides are included"),
        (marks.merged, f"merged cells, only the first of which has a value: {', '.join(marks.merged[:SHOWN])}"),
    ]
    for mark, message in seen:
        if mark:
            report.add(
                "cells-merged-or-hidden",
                message,
                "every row and column to be seen, no merged cells",
                "nothing, if those rows and columns belong to the data; else take them out in a copy",
                row=marks.hidden_rows[0] if mark is marks.hidden_rows else None,
                column=column(marks.hidden_columns[0]) if mark is marks.hidden_columns else None,
            )
    by_column: dict[int, list[int]] = {}
    for row, number in marks.formulas:
        if row > header_row:
            by_column.setdefault(number, []).append(row)
    for number, rows in sorted(by_column.items()):
        report.add(
            "formula",
            f"{len(rows)} formula{'s' * (len(rows) > 1)}; the value that was stored last is used",
            "values",
            "nothing, if the workbook was calculated before it was saved; else paste the values",
            row=rows[0],
            column=column(number),
        )
    for row, number in marks.without_value:
        if row > header_row:
            report.add(
                "formula-without-value",
                "a formula without a stored value, or an error",
                "a value",
                "open the workbook, calculate it, paste the value and hand in that copy",
                row=row,
                column=column(number),
            )


def _few(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:SHOWN])) + (f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else "")
