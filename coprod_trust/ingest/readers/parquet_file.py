"""Parquet, through DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb

from coprod_trust.ingest.readers.header import name_columns
from coprod_trust.ingest.readers.load import Checks, Loaded, count
from coprod_trust.ingest.readers.report import Report
from coprod_trust.ingest.readers.staged import Column
from coprod_trust.store import sql


def read(con: duckdb.DuckDBPyConnection, path: Path, table: str, report: Report) -> Loaded:
    """Load a Parquet file into ``table``. Raises FileRefused."""
    try:
        described = con.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": _literal(path)}).fetchall()
        # DESCRIBE renames a column whose name is taken; the file's own schema does not.
        own = con.execute("SELECT name FROM parquet_schema($path) OFFSET 1", {"path": _literal(path)}).fetchall()
        names = [str(name) for name, *_ in (own if len(own) == len(described) else described)]
        name_columns(names, None, 1, report)
        columns = [(name, _kind(kind)) for name, kind, *_ in described]
        sql.run(con, "staging/load_parquet", {"path": _literal(path)}, table=table, columns=columns)
    except (
        duckdb.InvalidInputException,
        duckdb.IOException,
        duckdb.ConversionException,
        duckdb.SerializationException,
    ):
        report.refuse(
            "file-unreadable", "the Parquet file is damaged or cut off", "a whole file", "export it or send it again"
        )
    loaded = tuple(Column(name) for name, _ in columns)
    return Loaded(table, loaded, 0, count(con, table), Checks(comma=False))


def _literal(path: Path) -> str:
    """The path with the signs of a pattern made plain."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def _kind(kind: str) -> str:
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        return "real"
    return "time" if kind.startswith("TIMESTAMP") else "other"
