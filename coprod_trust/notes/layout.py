"""Segments with their codes in columns, or several codes in one cell: brought to a row a segment, code and coder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from coprod_trust.notes.codebook import Code
from coprod_trust.notes.table import Reporter, Row, Table

MARKED = frozenset({"1", "x", "yes", "y", "true", "ja", "j", "oui", "✓", "✔", "✗", "*"})
UNMARKED = frozenset({"0", "no", "n", "false", "nee", "non", "-", ""})
GIVEN = " given"  # a cell of ours: the code that stood here before a person wrote another
HELD = " held"  # a cell of ours: the row has a mark that nobody can read
_SEPARATORS = (";", "|", "\n")


def column_of(name: str) -> str:
    """A column's name as compared: small letters, underscores for spaces."""
    return "_".join(name.casefold().split())


def code_columns(columns: Sequence[str], codes: Sequence[Code], others: frozenset[str]) -> dict[str, str]:
    """The columns that are codes, each with its code; by id before by name. ``others`` have a meaning of their own."""
    by_name = {column_of(c.name): c.code for c in codes}
    by_name |= {column_of(c.code): c.code for c in codes}
    return {c: by_name[c] for c in columns if c in by_name and c not in others}


def in_rows(table: Table, codes: Sequence[Code], others: frozenset[str], report: Reporter) -> Table:
    """The table with one code a row; rows keep the number that they have in the file.

    A table with a column ``code`` has codes in rows already: there, and in ``codes``, a cell may hold several, parted
    by semicolons. Without either, columns named as codes hold a mark where the segment has the code.
    """
    known = {c.code for c in codes}
    for column in ("code", "codes"):
        if column in table.columns:
            if column == "code" and not any(s in row["code"] for row in table.rows for s in _SEPARATORS):
                return table
            rows = tuple(r for row in table.rows for r in _one_by_one(row, column, known))
            return replace(table, rows=rows, columns=_with_code(table.columns))
    columns = code_columns(table.columns, codes, others)
    if not columns:
        return table
    rows = tuple(r for row in table.rows for r in _marked(row, columns, table, report))
    return replace(table, rows=rows, columns=_with_code(c for c in table.columns if c not in columns))


def _with_code(columns: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(c for c in columns if c != "codes"), "code")))


def _one_by_one(row: Row, column: str, known: set[str]) -> Iterator[Row]:
    written = row[column]
    parts = [written]
    if written not in known:
        for separator in _SEPARATORS:
            parts = [p for part in parts for p in part.split(separator)]
    for part in dict.fromkeys(p.strip() for p in parts if p.strip()) or ("",):
        yield _with(row, {"code": part}, (column,))


def _marked(row: Row, columns: Mapping[str, str], table: Table, report: Reporter) -> Iterator[Row]:
    if row.blank:
        yield row
        return
    given, held = [], False
    for column, code in columns.items():
        mark = row[column].strip().casefold()
        if mark in MARKED or (mark.isdecimal() and int(mark) > 0):
            given.append(code)
        elif mark not in UNMARKED:
            held |= report.add(
                "text-unmapped",
                table,
                row=row.number,
                column=column,
                found=row[column],
                message="not a mark that says whether the segment has this code",
                expected="1, x or yes; 0, no or nothing",
                fix="write 1 or 0; put attributes into columns of their own",
            )
    for code in given or [""]:
        yield _with(row, {"code": code, HELD: "yes" if held else ""}, columns)


def _with(row: Row, cells: Mapping[str, str], without: Sequence[str] | Mapping[str, str]) -> Row:
    return Row(row.number, {**{c: v for c, v in row.cells.items() if c not in without}, **cells})
