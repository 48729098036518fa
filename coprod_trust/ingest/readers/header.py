"""Where the column names stand and what the columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from coprod_trust.ingest.readers.report import Report

# What is taken off both ends of a cell: ASCII white space, the no-break space, the zero-width space, a stray BOM.
SPACE = " \t\n\r\x0b\x0c\u00a0\u200b\ufeff"
ROW_NUMBER = "row_number"
LOOKED_AT = 40
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")


def width_of(rows: Sequence[Sequence[str]]) -> int:
    """The number of cells that most rows have, less the columns at the end that are blank in every row."""
    filled = [row for row in rows if any(cell.strip(SPACE) for cell in row)]
    counts = Counter(map(len, filled))
    width = max(counts, key=lambda w: (counts[w], w)) if counts else 0
    while width and not any(len(row) >= width and row[width - 1].strip(SPACE) for row in filled):
        width -= 1
    return width


def find_header(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """Index of the row with the column names; None where there is none.

    It is the first row that fills more than half of the columns (both of two), and holds names, not numbers. One that
    leaves gaps gives way to a full row of names below it with answers under that.
    """
    sample = [[cell for cell in (c.strip(SPACE) for c in row[:width]) if cell] for row in rows[:LOOKED_AT]]
    for index, cells in enumerate(sample):
        if len(cells) * 2 <= width or (width <= 2 and len(cells) < width):
            continue
        if _numbers(cells) * 2 > len(cells):
            return None
        if len(cells) < width:
            for later in range(index + 1, len(sample) - 1):
                names = sample[later]
                full = len(names) == width == len(set(names)) and not _numbers(names)
                if full and _numbers(sample[later + 1]):
                    return later
        return index
    return None


def _numbers(cells: Sequence[str]) -> int:
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in cells)


def locate(rows: Sequence[Sequence[str]], width: int, hint: int | None, report: Report) -> int:
    """The row with the column names, from 1: the one the study names, else the one found."""
    if hint is not None:
        if hint > len(rows):
            report.refuse(
                "header-not-found", f"there is no row {hint}", "the column names in that row", "correct header_row"
            )
        return hint
    index = find_header(rows, width)
    if index is None:
        report.refuse(
            "header-not-found",
            "no row looks like column names",
            f"a row of names that fills most of the {width} columns",
            "add a row of column names, or name the row under files: header_row",
            row=1,
        )
    if index:
        report.add(
            "title-rows",
            f"{index} row{'s' * (index > 1)} above the column names {'were' if index > 1 else 'was'} left out",
            "the column names in row 1",
            "nothing, if row " + str(index + 1) + " holds the column names; else name it under files: header_row",
            row=1,
        )
    return index + 1


def name_columns(cells: Sequence[str], filled: Sequence[bool] | None, row: int, report: Report) -> list[str | None]:
    """Names of the columns; None for a column to leave out (no name and no values). ``filled`` says which columns have
    values; None: not known, all are taken to have some.

    Refuses names that are there twice: the database, like most programs, does not tell capitals apart.
    """
    names: list[str | None] = []
    for position, cell in enumerate(cells, 1):
        name = cell.strip(SPACE)
        if not name and filled is not None and not filled[position - 1]:
            names.append(None)
            continue
        if not name:
            name = f"column_{position}"
            report.add(
                "column-unnamed",
                f"column {position} has values and no name; it is called {name}",
                "a name above every column",
                "give it a name, or ignore it under platform: ignore",
                row=row,
                column=name,
            )
        names.append(name)
    seen: dict[str, int] = {}
    for position, known in enumerate(names, 1):
        if known is None:
            continue
        key = known.casefold()
        if key == ROW_NUMBER:
            report.refuse(
                "column-name-repeated",
                "row_number is the name under which the number of the row is kept",
                "another name",
                "rename the column in a copy of the file",
                row=row,
                column=known,
            )
        if key in seen:
            report.refuse(
                "column-name-repeated",
                f"columns {seen[key]} and {position} have the same name (capitals make no difference)",
                "a name of its own for every column",
                "rename one of them in a copy of the file",
                row=row,
                column=known,
            )
        seen[key] = position
    return names
