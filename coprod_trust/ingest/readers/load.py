"""Rows into a table of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import duckdb

from coprod_trust.ingest.readers.header import SPACE
from coprod_trust.ingest.readers.staged import Column
from coprod_trust.store import insert_rows, sql

BATCH_CELLS = 500_000


@dataclass(frozen=True)
class Checks:
    """What the values of a file may hold and has to be looked for: white space around them, commas, formulae."""

    space: bool = True
    comma: bool = True
    formula: bool = True


@dataclass(frozen=True)
class Loaded:
    """A table of text: a row a row of the file below ``header_row``, in order, so that rowid + header_row + 1 is the
    number of the row. header_row is the last row before the answers; 0 where the format has none and people count cases
    from 1. within: the sheet of a workbook or the table of an archive; empty where a file holds one table."""

    table: str
    columns: tuple[Column, ...]
    header_row: int
    rows: int
    checks: Checks = Checks()
    within: str = ""


def clean(value: str | None) -> str | None:
    """A cell without the white space around it; None for a blank."""
    return (value.strip(SPACE) or None) if value else None


def insert(
    con: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], rows: Iterable[Sequence[str | None]]
) -> int:
    """Make ``table`` with these columns and fill it, a batch at a time; returns the number of rows."""
    sql.run(con, "staging/create", table=table, columns=names)
    total = 0
    size = max(1, BATCH_CELLS // max(1, len(names)))
    iterator: Iterator[Sequence[str | None]] = iter(rows)
    while batch := list(islice(iterator, size)):
        insert_rows(con, table, batch)
        total += len(batch)
    return total


def count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows in a table."""
    row = con.execute(f"SELECT count(*) FROM {sql.ident(table)}").fetchone()
    assert row is not None
    return int(row[0])
