"""The ingest step: wave files become answers, and everything that is wrong with them becomes problems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from coprod_trust.freeze.guard import guard
from coprod_trust.ingest import run
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


def _run(con: duckdb.DuckDBPyConnection, context: Context, study: Study, as_views: bool) -> Counts:
    prepared = run.prepare(con, context.paths, study, context.wave, keep=True, as_views=as_views)
    try:
        with transaction(con):
            result = run.ingest(con, context.paths, study, prepared)
            if result.refusals:
                raise FileRefused(*result.refusals)
            guard(con, context.paths, study, context.wave)
            run.record(con, context.paths, prepared)
    except FileRefused:
        run.record_refused(context.paths, prepared)
        raise
    return result.counts


def inspect(root: Path, wave: str | None = None) -> Inspection:
    """Hold the files of the waves up to ``wave`` (None: all that have files) against every rule; writes nothing."""
    study = load_study(root)
    with open_memory() as con:
        return inspect_into(con, root, study, wave or study.wave_ids[-1])


def inspect_into(con: duckdb.DuckDBPyConnection, root: Path, study: Study, wave: str) -> Inspection:
    """The same, leaving the tables of this step in the empty database ``con`` for whoever looks further."""
    paths = StudyPaths(root)
    try:
        prepared = run.prepare(con, paths, study, wave, keep=False)
        return Inspection(run.ingest(con, paths, study, prepared).problems)
    except LateRefusal:
        clear(con)
        prepared = run.prepare(con, paths, study, wave, keep=False, as_views=False)
        return Inspection(run.ingest(con, paths, study, prepared).problems)
