"""The ingest step: wave files become answers, and everything that is wrong with them becomes problems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from coprod_trust import clock, kept
from coprod_trust.decisions import Correction, Freeze, Link, Release, Revision, Withdrawal
from coprod_trust.errors import UserError
from coprod_trust.freeze.guard import guard, is_rebuilding
from coprod_trust.freeze.manifest import ERASURES, KEYS, MANIFEST
from coprod_trust.ingest import run
from coprod_trust.ingest.archive import entries
from coprod_trust.ingest.intake import KIND
from coprod_trust.ingest.problem import FileRefused, LateRefusal, Problem
from coprod_trust.ingest.readers import clear
from coprod_trust.steps import Context, Counts
from coprod_trust.store import StudyPaths, open_memory, open_work, transaction
from coprod_trust.study import Study, load_study


@dataclass(frozen=True)
class Inspection:
    """What ``check`` shows: everything that the gate has to say."""

    problems: tuple[Problem, ...]


def run_step(context: Context) -> Counts:
    """Read every file of the waves up to the context's, in one transaction.

    Raises Refused with every reason where any file is refused: then nothing changes but the archive, which keeps the
    originals of refused files too.
    """
    study = context.study()
    with open_work(context.paths) as con:
        try:
            return _run(con, context, study, as_views=True)
        except LateRefusal:
            clear(con)
            return _run(con, context, study, as_views=False)


def inputs(con: duckdb.DuckDBPyConnection, context: Context) -> kept.Inputs:
    """The survey files, what the archive says of them, the decisions about rows and files, and what is frozen."""
    paths, study = context.paths, context.study()
    waves = study.waves_up_to(context.wave)
    here = {w.id for w in waves}
    read = [(i.name, f"{i.wave} {i.vanished} {sha256}") for i, sha256 in run.hashes(paths, study, context.wave)]
    received = [
        (e.path, f"{e.wave} {e.sha256} {e.kind} {e.received_at}")
        for e in entries(paths)
        if e.wave in here and e.kind in (KIND, "refused")
    ]
    decided = kept.decisions(paths.root, Correction, Release, Revision, Link, Withdrawal, Freeze)
    frozen = kept.files(paths.root, [paths.frozen / w / name for w in here for name in (MANIFEST, ERASURES, KEYS)])
    return (*read, *received, *decided, *frozen, ("guarded", str(not is_rebuilding())), ("today", _day(con, study)))


def _day(con: duckdb.DuckDBPyConnection, study: Study) -> str:
    """Today, as far as it matters: a date in the future is one no longer in time, a date in the past stays one."""
    today = str(clock.today())
    row = con.execute(
        "SELECT (SELECT count(*) FROM problem WHERE rule = 'date-impossible'), "
        "(SELECT (made_at AT TIME ZONE 'UTC')::DATE::VARCHAR FROM step_input WHERE step = 'ingest')"
    ).fetchone()
    found, read_on = row or (0, None)
    matters = found or study.rules.get("date-impossible") is not None or (read_on is not None and read_on > today)
    return today if matters else "past"


def _run(con: duckdb.DuckDBPyConnection, context: Context, study: Study, as_views: bool) -> Counts:
    prepared = run.prepare(con, context.paths, study, context.wave, keep=True, as_views=as_views)
    run.code(con, context.paths, study, prepared)
    try:
        with transaction(con):
            result = run.ingest(con, context.paths, study, prepared)
            if result.refusals:
                raise FileRefused(*result.refusals)
            guard(con, context.paths, study, context.wave)
            run.record(con, context.paths, prepared)
    except UserError as error:
        run.leave(con, prepared)
        if isinstance(error, FileRefused):
            run.record_refused(context.paths, prepared)
        raise
    return result.counts


def inspect(root: Path, wave: str | None = None) -> Inspection:
    """Hold the files of the waves up to ``wave`` (None: all that have files) against every rule; writes nothing."""
    study = load_study(root)
    with open_memory(StudyPaths(root)) as con:
        return inspect_into(con, root, study, wave or study.wave_ids[-1])


def inspect_into(con: duckdb.DuckDBPyConnection, root: Path, study: Study, wave: str) -> Inspection:
    """The same, leaving the tables of this step in the empty database ``con`` for whoever looks further."""
    paths = StudyPaths(root)
    try:
        return _inspect(con, paths, study, wave, as_views=True)
    except LateRefusal:
        clear(con)
        return _inspect(con, paths, study, wave, as_views=False)


def _inspect(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, wave: str, as_views: bool) -> Inspection:
    prepared = run.prepare(con, paths, study, wave, keep=False, as_views=as_views)
    run.code(con, paths, study, prepared)
    return Inspection(run.ingest(con, paths, study, prepared).problems)
