"""The record of runs: opened first, finished last, and nothing left of a run that was interrupted."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from coprod_trust import __version__, clock
from coprod_trust.errors import Reason, StudyError
from coprod_trust.store import sql
from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.work import open_work, transaction
from coprod_trust.study import FILE_NAME, Study, plan_hash


def new_run_id() -> str:
    """The time in UTC and four hex digits, such as ``20261122T073000Z-9f3a``."""
    return f"{clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def open_run(paths: StudyPaths, study: Study, wave: str, run_id: str) -> None:
    """Remove what interrupted runs left and enter this run; the caller holds the study's lock.

    Where the working database is new, the history of earlier runs is taken from the published one, so that work/ can
    be deleted. Raises StudyError where the published database cannot be read then.
    """
    if paths.outbox.exists():
        shutil.rmtree(paths.outbox)
    paths.outbox.mkdir(parents=True)
    copy = paths.outbox / "before.duckdb"
    with open_work(paths) as con:
        row = con.execute("SELECT count(*) FROM run").fetchone()
        is_new = row is not None and row[0] == 0
        if is_new and paths.published.is_file():
            _attach_published(con, paths, copy)
        with transaction(con):
            if is_new and paths.published.is_file():
                for table in ("run", "finding_history"):
                    _restore(con, table)
            sql.run(con, "run/forget_unfinished")
            sql.run(
                con,
                "run/open",
                {
                    "run_id": run_id,
                    "wave": wave,
                    "started_at": _after_the_last(con),
                    "version": __version__,
                    "plan_hash": plan_hash(study),
                },
            )
        if is_new and paths.published.is_file():
            con.execute("DETACH before")
    copy.unlink(missing_ok=True)


def _after_the_last(con: duckdb.DuckDBPyConnection) -> datetime:
    """Now; or, where the computer's clock was set back, just after the last run, since runs are told apart by time."""
    row = con.execute("SELECT epoch_us(max(started_at)) FROM run").fetchone()
    now = clock.now()
    if row is None or row[0] is None:
        return now
    return max(now, datetime.fromtimestamp(row[0] / 1e6, UTC) + timedelta(milliseconds=1))


def record_step(paths: StudyPaths, run_id: str, step: str, counts: Mapping[str, int], kept: bool = False) -> None:
    """Note that a step of the run has ended, or was ``kept`` as an earlier run left it, what it counted, and the hash
    of everything read so far."""
    with open_work(paths) as con, transaction(con):
        sql.run(
            con,
            "run/record_step",
            {
                "run_id": run_id,
                "step": step,
                "finished_at": clock.now(),
                "counts": json.dumps(dict(counts)),
                "kept": kept,
                "input_hash": input_hash(paths, files_read(con)),
            },
        )


def counts_of(con: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, dict[str, int]]:
    """What each step of the run counted, in the order in which the steps ended."""
    rows = con.execute(
        "SELECT step, counts FROM step_record WHERE run_id = $run_id ORDER BY finished_at, rowid", {"run_id": run_id}
    ).fetchall()
    return {step: json.loads(counts) for step, counts in rows}


def files_read(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str]]:
    """Name, wave (or nothing), SHA-256 and status of every file in ``source_file``, working or published."""
    return con.execute("SELECT name, coalesce(wave, ''), sha256, status FROM source_file ORDER BY ALL").fetchall()


def input_hash(paths: StudyPaths, files: Iterable[tuple[str, ...]]) -> str:
    """SHA-256 over study.yaml, the decisions, the evaluator's texts, and ``files`` as ``files_read`` gives them.

    The same inputs give the same hash, whenever and wherever they are run.
    """
    digest = hashlib.sha256()
    own = [paths.root / FILE_NAME, *sorted(paths.decisions.glob("*.csv")), *sorted(paths.root.glob("text/**/*.md"))]
    for path in own:
        if path.is_file():
            _add(digest, path.relative_to(paths.root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
    for file in files:
        _add(digest, *file)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, *parts: str) -> None:
    digest.update("\x1f".join(parts).encode() + b"\x1e")


def _attach_published(con: duckdb.DuckDBPyConnection, paths: StudyPaths, copy: Path) -> None:
    """Attach a copy as ``before``: whoever has the published file open, and however, cannot stand in the way."""
    shutil.copyfile(paths.published, copy)
    try:
        con.execute(f"ATTACH {sql.text(str(copy))} AS before (READ_ONLY)")
        con.execute("SELECT count(*) FROM before.run").fetchone()
    except duckdb.Error:
        raise StudyError(
            Reason(
                "the published database cannot be read, and the history of earlier runs is only there",
                "put back a copy of it; or move it away, and the history begins anew",
                str(paths.published),
            )
        ) from None


def _restore(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Copy the columns that both versions of the table have."""
    con.execute(f"INSERT INTO {table} BY NAME SELECT {_shared_columns(con, table)} FROM before.{table}")


def _shared_columns(con: duckdb.DuckDBPyConnection, table: str) -> str:
    names = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = $table AND schema_name = 'main' "
        "AND database_name IN (current_database(), 'before') "
        "GROUP BY column_name HAVING count(DISTINCT database_name) = 2",
        {"table": table},
    ).fetchall()
    return ", ".join(sql.ident(name) for (name,) in names)


def stray_wal(paths: StudyPaths) -> Path | None:
    """A write-ahead log beside the published database, which would spoil the next one; None where there is none."""
    wal = paths.published.with_name(paths.published.name + ".wal")
    return wal if wal.exists() else None
