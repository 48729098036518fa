"""Opens the SQLite file of a coding program: read-only, and without trusting what it defines."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from coprod_trust.ingest.readers.report import Report

LONGEST = 1 << 28  # bytes in one value


@contextmanager
def open_database(path: Path, report: Report) -> Iterator[Database]:
    """The tables of the file; refuses through ``report`` one that is damaged, or that its program has open."""
    wal = path.with_name(path.name + "-wal")
    if wal.is_file() and wal.stat().st_size:
        report.refuse(
            "file-unreadable",
            "the coding program has the project open, and part of it lies in another file",
            "a project that is closed",
            "close the project in the coding program, then run again",
        )
    con = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
    try:
        con.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        con.execute("PRAGMA trusted_schema = OFF")
        con.execute("PRAGMA query_only = ON")
        yield Database(con)
    except sqlite3.Error:
        report.refuse(
            "file-unreadable",
            "the database is damaged, or lacks what its program always writes",
            "a whole project",
            "open it in the coding program, save it as a copy and hand in that copy",
        )
    finally:
        con.close()


class Database:
    """Its tables, of whichever version of the program."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self.con = con
        # Tables alone: a view could have been made to do anything.
        self.tables = {n for (n,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """The rows of a table in the order in which they were made; none where this version has no such table, and None
        for a column that it lacks."""
        if table not in self.tables:
            return []
        known = {r[1] for r in self.con.execute(f'PRAGMA table_info("{table}")')}
        chosen = ", ".join(f'"{c}"' if c in known else f'NULL AS "{c}"' for c in columns)
        return self.con.execute(f'SELECT {chosen} FROM "{table}" ORDER BY rowid').fetchall()

    def count(self, table: str) -> int:
        """Rows in a table; 0 where there is none of that name."""
        return len(self.rows(table, "rowid")) if table in self.tables else 0

    def has(self, tables: Sequence[str]) -> bool:
        return self.tables.issuperset(tables)
