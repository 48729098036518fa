"""The database of a portfolio: built aside and moved into place as a whole, as a study's is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from coprod_trust.store import sql
from coprod_trust.store.publish import STORAGE_VERSION
from coprod_trust.store.work import configure, insert_rows, transaction

Rows = Mapping[str, Sequence[Sequence[object]]]


def build_portfolio(target: Path, rows: Rows) -> None:
    """Build the database at ``target`` from rows of each of the tables of ``sql/portfolio/schema.sql``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (target, target.with_name(target.name + ".wal")):
        leftover.unlink(missing_ok=True)
    con = duckdb.connect(
        str(target), config={"storage_compatibility_version": STORAGE_VERSION, "default_block_size": "16384"}
    )
    try:
        configure(con)
        with transaction(con):
            sql.run(con, "portfolio/schema")
            for table, lines in rows.items():
                insert_rows(con, table, lines)
        con.execute("CHECKPOINT")
    finally:
        con.close()
    target.chmod(0o444)
