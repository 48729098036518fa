"""The working database of a study: one writer, numbered migrations, transactions."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from coprod_trust import clock
from coprod_trust.errors import DISK, Busy, Reason, StorageError, StudyError, UserError, cannot_write
from coprod_trust.store import sql
from coprod_trust.store.paths import StudyPaths

MEMORY_LIMIT = "1500MB"
_MUCH = 20 * 2**20


_over_runs: ContextVar[frozenset[Path]] = ContextVar("over_runs", default=frozenset())


@contextmanager
def study_lock(paths: StudyPaths, over_runs: bool = False) -> Iterator[None]:
    """Hold the study; the operating system lets go of it when the process dies, however it dies.

    With ``over_runs`` it is held over runs of the study that are made inside: nobody else's comes between.
    Raises Busy at once where another run holds it.
    """
    from filelock import FileLock, Timeout

    if paths.lock in _over_runs.get():
        yield
        return
    try:
        paths.work.mkdir(parents=True, exist_ok=True)
        lock = FileLock(paths.lock, timeout=0)
        lock.acquire()
    except Timeout:
        raise Busy(
            Reason("another run holds this study", "wait until it has ended, then try again", str(paths.root))
        ) from None
    except OSError as error:
        raise cannot_write(error, paths.work) from None
    token = _over_runs.set(_over_runs.get() | {paths.lock}) if over_runs else None
    try:
        yield
    finally:
        if token is not None:
            _over_runs.reset(token)
        lock.release()


def configure(con: duckdb.DuckDBPyConnection) -> None:
    """Settings of every connection: nothing is fetched, and memory has a limit."""
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET autoload_known_extensions = false")
    con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    con.execute("SET enable_progress_bar = false")


@contextmanager
def open_work(paths: StudyPaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the working database, brought up to the newest migration. The caller holds the study's lock."""
    con = _kept_or_new(paths).cursor() if paths.database in _kept else _new(paths)
    try:
        yield con
    finally:
        con.close()


_kept: dict[Path, duckdb.DuckDBPyConnection | None] = {}


@contextmanager
def kept_open(paths: StudyPaths) -> Iterator[None]:
    """Keep the working database open once it has been opened: each step opens and closes it, which then costs next to
    nothing."""
    _kept[paths.database] = None
    try:
        yield
    finally:
        let_go(paths)
        del _kept[paths.database]


def let_go(paths: StudyPaths) -> None:
    """Close the working database until it is opened again, so that its file can be attached elsewhere."""
    con = _kept.get(paths.database)
    if con is not None:
        _kept[paths.database] = None
        con.close()


def _kept_or_new(paths: StudyPaths) -> duckdb.DuckDBPyConnection:
    con = _kept[paths.database] = _kept[paths.database] or _new(paths)
    return con


def _new(paths: StudyPaths) -> duckdb.DuckDBPyConnection:
    con = _connect(paths)
    try:
        migrate(con)
    except BaseException:
        con.close()
        raise
    return con


def _connect(paths: StudyPaths) -> duckdb.DuckDBPyConnection:
    paths.work.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(str(paths.database), config=settings(handed_in(paths)))
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise Busy(
                Reason(
                    "another program has the working database open",
                    "close it there; analysts open published/trust.duckdb instead",
                    str(paths.database),
                )
            ) from None
        raise storage_error(error, paths.work) or _damaged(paths) from None
    try:
        configure(con)
    except BaseException:
        con.close()
        raise
    return con


def settings(size: int) -> dict[str, bool | int | float | str | list[str]]:
    """Of a new database that will hold ``size`` bytes of data, more or less.

    For little data: small blocks, as with DuckDB's usual ones every table takes a quarter of a megabyte, however short:
    ten times the file, and as much to write at each step; one thread, as sharing out a few rows takes a seventh of
    a run's time; and words in a list compared one by one, as planning the join that DuckDB makes of ``IN`` takes a
    quarter of the gate's. For much data what is usual is faster.
    """
    if size < _MUCH:
        return {"default_block_size": "16384", "threads": "1", "disabled_optimizers": "in_clause"}
    return {"default_block_size": "262144"}


def handed_in(paths: StudyPaths) -> int:
    """Bytes of the wave files."""
    return sum(p.stat().st_size for p in (paths.root / "waves").rglob("*") if p.is_file())


@contextmanager
def open_memory(paths: StudyPaths | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty working database that leaves nothing behind, for as much data as a study has (without one: little)."""
    # What does not fit into memory would otherwise be written to .tmp in the folder where the command was given.
    with TemporaryDirectory(prefix="coprod-trust-") as aside:
        con = duckdb.connect(config=settings(handed_in(paths) if paths else 0))
        try:
            configure(con)
            con.execute("SET temp_directory = $aside", {"aside": aside})
            migrate(con)
            yield con
        finally:
            con.close()


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing, also for CREATE and DROP."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


def columns_of(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[str]:
    """The columns of a table in order; empty where there is no such table."""
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = $schema AND table_name = $table ORDER BY column_index",
        {"schema": schema, "table": table},
    ).fetchall()
    return [name for (name,) in rows]


def storage_error(error: BaseException, where: Path) -> StorageError | None:
    """The error as one of disk or folder, where it is one, from Python or from DuckDB; else None."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, duckdb.Error):
        number = next((n for n in DISK if os.strerror(n).lower() in str(error).lower()), None)
    if number not in DISK:
        return None
    said, fix = DISK[number]
    return StorageError(Reason(f"cannot write here: {said}", f"{fix}, and run again", str(where)))


def is_damage(error: BaseException) -> bool:
    """Whether the error says that a database file is not as it was written. Damage shows where a block is read, which
    may be long after the file was opened."""
    return isinstance(error, duckdb.Error) and "corrupt database file" in str(error).lower()


def known_error(error: BaseException, paths: StudyPaths) -> UserError | None:
    """The error as one that a user can mend, where it is one of disk, folder or a damaged working database."""
    return storage_error(error, paths.root) or (_damaged(paths) if is_damage(error) else None)


def _damaged(paths: StudyPaths) -> StudyError:
    return StudyError(
        Reason(
            "the working database is damaged",
            "move it away and run again: it is rebuilt from the study's files and decisions",
            str(paths.database),
        )
    )


def migrations() -> list[tuple[int, str, str, str]]:
    """Number, name, SHA-256 and text of each migration, in order."""
    found = []
    for path in sorted(Path(sql.sql_root() / "migrations").glob("*.sql")):
        body = path.read_text(encoding="utf-8")
        found.append((int(path.stem.split("_")[0]), path.stem, hashlib.sha256(body.encode()).hexdigest(), body))
    return found


def migrate(con: duckdb.DuckDBPyConnection) -> None:
    """Apply the migrations that are missing.

    Raises StudyError where the database was made by a newer version, or by other text of the same migration.
    """
    con.execute(
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, "
        "sha256 VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
    )
    applied = dict(con.execute("SELECT number, sha256 FROM migration").fetchall())
    known = migrations()
    changed = [name for n, name, h, _ in known if applied.get(n, h) != h]
    if changed or set(applied) - {n for n, *_ in known}:
        raise StudyError(
            Reason(
                "the working database was made by another version of coprod-trust",
                "install that version or a newer one, or move work/study.duckdb away: it is rebuilt from the files",
            )
        )
    for number, name, sha256, body in known:
        if number not in applied:
            with transaction(con):
                con.execute(body)
                con.execute("INSERT INTO migration VALUES (?, ?, ?, ?)", [number, name, sha256, clock.now()])


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Append rows, whose values stand in the order of the table's columns; each becomes what its column holds.

    In one go as JSON: executemany takes about a millisecond a row, and Arrow imports pandas, which takes as long as all
    the small tables of a run together. A figure that is not finite raises ValueError.
    """
    if not rows:
        return
    columns = ", ".join(f"cells[{i}]" for i in range(1, len(rows[0]) + 1))
    con.execute(
        f"INSERT INTO {sql.ident(table)} SELECT {columns} "
        "FROM (SELECT unnest(from_json($rows, '[[\"VARCHAR\"]]')) AS cells)",
        {"rows": json.dumps(rows, default=_as_text, allow_nan=False)},
    )


def _as_text(value: object) -> object:
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)
