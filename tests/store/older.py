"""Makes the study in ``tests/store/older.zip``: one of an earlier version, with the tables of migration 0001 alone.

    python -m tests.store.older

A migration that was released never changes, so the study need never be made again. Until the first release it may: then
run this once more.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb

from coprod_trust import clock
from coprod_trust.runner import run_direct
from coprod_trust.store import StudyPaths, sql
from coprod_trust.store.work import migrations
from tests.studies import STUDY_YAML, small_study

PLACE = Path(__file__).parent / "older.zip"
LATER = ("step_input",)
"""Tables that came with later migrations."""


def yaml() -> str:
    """Two waves and one scale."""
    start = STUDY_YAML.split("  - id: w3")[0]
    scale = "scales:" + STUDY_YAML.split("scales:", 1)[1].split("  - id: municipal")[0]
    return start + scale + (
        "report: {editions: [internal], formats: [html]}\n"
        "plan: {registered: 2025-01-06, primary: [provider], analyses: core, permutations: 199, bootstraps: 199}\n"
    )  # fmt: skip


def make(place: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = small_study(Path(folder) / "study", yaml=yaml(), drop=False)
        (root / "waves" / "w3.csv").unlink()
        run_direct(root)
        paths = StudyPaths(root)
        older = root / "older.duckdb"
        _copy(paths.database, older)
        kept = [root / "study.yaml", *(root / "waves").iterdir(), *paths.archive.iterdir()]
        with ZipFile(place, "w", ZIP_DEFLATED) as archive:
            for path in sorted(kept):
                archive.write(path, path.relative_to(root))
            archive.write(older, paths.database.relative_to(root))


def _copy(source: Path, target: Path) -> None:
    """Everything in ``source`` that the first migration has a place for, in a database that has only that."""
    number, name, sha256, body = migrations()[0]
    con = duckdb.connect(str(target), config={"default_block_size": "16384"})
    con.execute(
        "CREATE TABLE migration (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, "
        "applied_at TIMESTAMPTZ NOT NULL)"
    )
    con.execute(body)
    con.execute("INSERT INTO migration VALUES (?, ?, ?, ?)", [number, name, sha256, clock.now()])
    con.execute(f"ATTACH {sql.text(str(source))} AS now (READ_ONLY)")
    columns: dict[tuple[str, str], dict[str, set[str]]] = {}
    for database, schema, table, column in con.execute(
        "SELECT database_name, schema_name, table_name, column_name FROM duckdb_columns() "
        "JOIN duckdb_tables() USING (database_name, schema_name, table_name) WHERE NOT duckdb_tables.temporary"
    ).fetchall():
        columns.setdefault((schema, table), {}).setdefault(database, set()).add(column)
    for (schema, table), found in sorted(columns.items()):
        place = f"{sql.ident(schema)}.{sql.ident(table)}"
        if table in ("migration", *LATER) or "now" not in found:
            continue
        shared = found["now"] & found.get(target.stem, set())
        if shared:
            names = ", ".join(map(sql.ident, sorted(shared)))
            con.execute(f"INSERT INTO {place} BY NAME SELECT {names} FROM now.{place}")
        else:
            con.execute(f"CREATE TABLE {place} AS FROM now.{place}")
    con.execute("DETACH now")
    con.execute("CHECKPOINT")
    con.close()


if __name__ == "__main__":
    make(PLACE)
