"""The ordered steps of one wave. The Prefect flow and ``--direct`` both walk this one list.

A step takes the context, opens and closes its own connection, and returns counts, which ``Step.run`` records. Running
it again gives the same result, whatever was interrupted; so a step of which nothing that it reads has changed is not
done again (``kept.py``). The run holds the study's lock, not the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from coprod_trust import kept
from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.record import record_step
from coprod_trust.store.work import known_error, open_work, transaction
from coprod_trust.study import Study, load_study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Context:
    """What every step is told: which study, up to which wave, in which run; ``cross_check``: fit others' models too;
    ``full``: do every step again, also where nothing that it reads has changed."""

    root: Path
    wave: str
    run_id: str
    cross_check: bool = False
    full: bool = False

    @property
    def paths(self) -> StudyPaths:
        return StudyPaths(self.root)

    def study(self) -> Study:
        """study.yaml, read afresh."""
        return load_study(self.root)


@dataclass(frozen=True)
class Step:
    """A named step; its code is imported only when it runs.

    ``needs`` are the steps whose tables it reads; None: it is done in every run. ``blind`` are the sections of
    study.yaml that it does not read. What it reads beside these, ``inputs`` of its module lists.
    """

    name: str
    title: str
    module: str
    needs: tuple[str, ...] | None = None
    blind: frozenset[str] = frozenset()

    def run(self, context: Context) -> Counts:
        """Carry it out, record that it ended, and return what it counted; ``Kept`` counts where it need not be done.

        Raises StorageError where the disk is full or a folder cannot be written, StudyError where the working database
        is damaged.
        """
        module = import_module(self.module)
        try:
            counts = self._kept(context, module)
            if counts is None:
                counts = self._done(context, module)
            record_step(context.paths, context.run_id, self.name, counts, kept.is_kept(counts))
        except Exception as error:
            known = known_error(error, context.paths)
            if known is None:
                raise
            raise known from None
        return counts

    def _kept(self, context: Context, module: ModuleType) -> Counts | None:
        """The counts of the run that made the tables, where these may stay; else what they were made from is
        forgotten, as they are about to change."""
        if self.needs is None:
            return None
        with open_work(context.paths) as con:
            known = kept.record_of(con, self.name)
            if known is None:
                return None
            if not context.full and self._fingerprint(con, context, module) == known[0]:
                if hasattr(module, "renew"):
                    module.renew(context)
                return known[1]
            with transaction(con):
                kept.forget(con, self.name)
        return None

    def _done(self, context: Context, module: ModuleType) -> Counts:
        before = None if self.needs is None else kept.as_it_lies(context.paths)
        counts: Counts = module.run_step(context)
        if before is not None and kept.as_it_lies(context.paths) == before:
            with open_work(context.paths) as con, transaction(con):
                mark = self._fingerprint(con, context, module)
                if mark is not None:
                    kept.remember(con, self.name, mark, context.run_id, counts)
        return counts

    def _fingerprint(self, con: DuckDBPyConnection, context: Context, module: ModuleType) -> str | None:
        inputs: kept.Inputs = module.inputs(con, context) if hasattr(module, "inputs") else ()
        told = (("wave", context.wave), ("cross_check", str(context.cross_check)))
        return kept.fingerprint(con, context.study(), self.needs or (), self.blind, (*told, *inputs))


_REPORT = frozenset({"report"})

STEPS: tuple[Step, ...] = (
    Step("ingest", "Read the wave files", "coprod_trust.ingest.step", (), _REPORT | {"notes", "plan"}),
    Step("notes", "Read the codebook and the coded notes", "coprod_trust.notes.step", ("ingest",), _REPORT | {"plan"}),
    Step("score", "Score the scales", "coprod_trust.score.step", ("ingest",), _REPORT | {"notes"}),
    Step("analyse", "Estimate and test", "coprod_trust.analysis.step", ("ingest", "score"), _REPORT | {"notes"}),
    Step(
        "integrate",
        "Link notes and numbers",
        "coprod_trust.integrate.step",
        ("ingest", "notes", "score", "analyse"),
        _REPORT,
    ),
    Step(
        "plan",
        "Hold what was done against the plan",
        "coprod_trust.plan.step",
        ("ingest", "score", "analyse"),
        _REPORT | {"notes"},
    ),
    Step("report", "Write the report", "coprod_trust.report.step"),
    Step("publish", "Publish database and report", "coprod_trust.store.step"),
)
