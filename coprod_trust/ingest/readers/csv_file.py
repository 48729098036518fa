"""CSV and other delimited text.

A tidy file is loaded by DuckDB as it stands; one that is not (another encoding, blank lines, mixed line ends, names
over several lines) is read record by record. Both give the same table: the property tests hold them against each other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb

from coprod_trust.ingest.readers import csv_text
from coprod_trust.ingest.readers.csv_text import Dialect, Scan
from coprod_trust.ingest.readers.header import SPACE, locate, name_columns
from coprod_trust.ingest.readers.load import Checks, Loaded, clean, count, insert
from coprod_trust.ingest.readers.presets import Heading, heading_of
from coprod_trust.ingest.readers.report import Report
from coprod_trust.ingest.readers.staged import Column
from coprod_trust.store import sql
from coprod_trust.study import File

SHOWN = 10
VIEW_FROM: float = 1 << 25  # bytes from which a file is read as a view


def read(
    con: duckdb.DuckDBPyConnection, path: Path, file: File, table: str, report: Report, as_view: bool = True
) -> Loaded:
    """Load a delimited text file into ``table``. Raises FileRefused."""
    found = csv_text.scan(path)
    encoding = csv_text.encoding_of(path, found, file.encoding, report)
    dialect = csv_text.dialect_of(path, encoding, file.delimiter, file.header_row, report)
    if dialect.delimiter != ",":
        report.add(
            "delimiter-not-comma",
            f"cells are set apart by a {csv_text.DELIMITERS.get(dialect.delimiter, 'sign of its own')}",
            "commas",
            "nothing, if the columns are right",
        )
    header_row = locate(dialect.rows, dialect.width, file.header_row, report)
    heading = heading_of(file.preset, dialect.rows, header_row, report)
    if _tidy(path, found, encoding, dialect, heading):
        names = [name for name in name_columns(heading.names, None, header_row, report) if name is not None]
        rows = _load(con, path, found, dialect, heading.last_row, names, table, as_view)
        if rows is not None:
            checks = csv_text.checks_of(path, found, dialect)
            return Loaded(table, tuple(map(Column, names, heading.labels)), heading.last_row, rows, checks)
    return _by_record(con, path, encoding, dialect, header_row, heading, table, report)


def _tidy(path: Path, found: Scan, encoding: str, dialect: Dialect, heading: Heading) -> bool:
    """Whether DuckDB can be given the file as it stands."""
    above = dialect.rows[: heading.last_row]
    return (
        encoding in ("utf-8", "utf-8-sig")
        and found.plain_lines
        and not found.nul
        and not any(sign in str(path) for sign in "*?[")
        and all("\n" not in cell and "\r" not in cell for row in above for cell in row)
        and len(heading.names) == dialect.width
        and all(cell.strip(SPACE) for cell in heading.names)
        and dialect.width > 1
    )


def _load(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    found: Scan,
    dialect: Dialect,
    header_row: int,
    names: list[str],
    table: str,
    as_view: bool,
) -> int | None:
    """Load with DuckDB and return the number of rows; None where it found anything amiss, or other rows than lines.

    A large file becomes a view: copying it as text would take as long as everything that is done with it later.
    """
    if as_view and path.stat().st_size >= VIEW_FROM and "rowid" not in {name.casefold() for name in names}:
        return _view(con, path, found, dialect, header_row, names, table)
    bind = {
        "path": str(path),
        "skip": header_row,
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "columns": dict.fromkeys(names, "VARCHAR"),
    }
    try:
        sql.run(con, "staging/load_csv", bind, table=table)
    except duckdb.Error as error:
        if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
            raise
        return None
    rows = count(con, table)
    return rows if found.has(dialect.quote.encode()) or rows == found.lines - header_row else None


def _view(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    found: Scan,
    dialect: Dialect,
    header_row: int,
    names: list[str],
    table: str,
) -> int | None:
    """A view, without parsing the file where no quotes hide the ends of lines. Rows of another width are found when
    the view is read (LateRefusal)."""
    sql.run(
        con, "staging/view_csv", table=table, path=str(path), skip=header_row, delimiter=dialect.delimiter,
        quote=dialect.quote, columns=names,
    )  # fmt: skip
    quoted = found.has(dialect.quote.encode())
    expected = found.lines - header_row
    if header_row == 1 and not quoted:
        return expected
    try:
        rows = count(con, table)
    except duckdb.Error as error:
        if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
            raise
        rows = -1
    if rows >= 0 and (quoted or rows == expected):
        return rows
    con.execute(f"DROP VIEW temp.main.{sql.ident(table)}")
    return None


def _records(path: Path, encoding: str, dialect: Dialect, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Records with their numbers, blank ones included."""
    number = 0
    with path.open("r", encoding=encoding, newline="") as handle:
        try:
            for number, record in enumerate(dialect.reader(handle), 1):
                yield number, record
        except csv.Error:
            report.refuse(
                "file-unreadable",
                "a quotation mark is not closed, or text follows a closing one",
                "quotes around a whole cell, doubled inside it",
                "export the file again; in text, write quotation marks twice",
                row=number + 1,
            )


def _by_record(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    encoding: str,
    dialect: Dialect,
    header_row: int,
    heading: Heading,
    table: str,
    report: Report,
) -> Loaded:
    head, filled, last = _survey(path, encoding, dialect, heading, report)
    names = name_columns(head, filled, header_row, report)
    kept = [i for i, name in enumerate(names) if name is not None]

    def rows() -> Iterator[list[str | None]]:
        for _, record in islice(_records(path, encoding, dialect, report), heading.last_row, last):
            yield [clean(record[i]) if i < len(record) else None for i in kept]

    columns = [str(names[i]) for i in kept]
    total = insert(con, table, columns, rows())
    labelled = tuple(Column(str(names[i]), heading.labels[i]) for i in kept)
    return Loaded(table, labelled, heading.last_row, total, Checks(space=False))


def _survey(
    path: Path, encoding: str, dialect: Dialect, heading: Heading, report: Report
) -> tuple[list[str], list[bool], int]:
    """The header's cells, which columns have values, and the number of the last record that is not an empty line.

    Refuses rows with more or fewer cells than the header; blank cells at the end, and blank rows, count for nothing.
    """
    head = list(heading.names)
    while len(head) > dialect.width and not head[-1].strip(SPACE):
        head.pop()
    filled = [False] * len(head)
    ragged: list[tuple[int, int]] = []
    n_ragged = last = 0
    for number, record in _records(path, encoding, dialect, report):
        if record:
            last = number
        if number <= heading.last_row:
            continue
        cells = [bool(cell.strip(SPACE)) for cell in record]
        if not any(cells):
            continue
        if len(cells) < len(head) or any(cells[len(head) :]):
            n_ragged += 1
            if len(ragged) < SHOWN:
                ragged.append((number, len(cells)))
            continue
        for i, has_value in enumerate(cells[: len(head)]):
            filled[i] = filled[i] or has_value
    if ragged:
        _refuse_ragged(ragged, n_ragged, len(head), dialect, report)
    return head, filled, last


def _refuse_ragged(ragged: list[tuple[int, int]], total: int, width: int, dialect: Dialect, report: Report) -> None:
    rows = ", ".join(f"{number} ({cells})" for number, cells in ragged)
    longer = sum(cells > width for _, cells in ragged) * 2 > len(ragged)
    cause = "; decimal commas without quotes make rows like this" if longer and dialect.delimiter == "," else ""
    report.refuse(
        "rows-ragged",
        f"{total} row{'s have' if total > 1 else ' has'} another number of cells than the {width} of the header, "
        f"in brackets: {rows}"
        f"{' ...' if total > len(ragged) else ''}{cause}",
        f"{width} cells in every row",
        "export the file again with semicolons between the cells, or with quotes around those that hold a comma",
        row=ragged[0][0],
    )
