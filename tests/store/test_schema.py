"""What analysts' queries rely on stays: no published table, view or column goes, and none changes its type.

After adding some, write the list again: python -m tests.store.test_schema > tests/store/published_schema.txt
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from coprod_trust.store.query import published
from tests.store.published import publish_small

COMMITTED = Path(__file__).with_name("published_schema.txt")


def schema_of(root: Path) -> list[str]:
    """A line a column of the published database: table, column, type."""
    with published(root) as con:
        rows = con.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND NOT internal ORDER BY ALL"
        ).fetchall()
    return [f"{schema}.{table}.{column} {kind}" for schema, table, column, kind in rows]


def test_nothing_that_was_published_is_gone_or_of_another_type(published_study: Path) -> None:
    now = set(schema_of(published_study))
    assert [line for line in COMMITTED.read_text(encoding="utf-8").splitlines() if line not in now] == []


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        publish_small(Path(folder) / "study")
        print("\n".join(schema_of(Path(folder) / "study")))
