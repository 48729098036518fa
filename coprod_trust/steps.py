"""The ordered steps of one wave. The Prefect flow and ``--direct`` both walk this one list.

A step takes the context, opens and closes its own connection, and returns counts, which ``Step.run`` records. Running
it again gives the same result, whatever was interrupted. The run holds the study's lock, not the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.record import record_step
from coprod_trust.store.work import storage_error
from coprod_trust.study import Study, load_study

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Context:
    """What every step is told: which study, up to which wave, in which run; ``cross_check``: fit others' models too."""

    root: Path
    wave: str
    run_id: str
    cross_check: bool = False

    @property
    def paths(self) -> StudyPaths:
        return StudyPaths(self.root)

    def study(self) -> Study:
        """study.yaml, read afresh."""
        return load_study(self.root)


@dataclass(frozen=True)
class Step:
    """A named step; its code is imported only when it runs."""

    name: str
    title: str
    module: str

    def run(self, context: Context) -> Counts:
        """Carry it out, record that it ended, and return what it counted.

        Raises StorageError where the disk is full or a folder cannot be written.
        """
        function: Callable[[Context], Counts] = import_module(self.module).run_step
        try:
            counts = function(context)
            record_step(context.paths, context.run_id, self.name, counts)
        except Exception as error:
            known = storage_error(error, context.root)
            if known is None:
                raise
            raise known from None
        return counts


STEPS: tuple[Step, ...] = (
    Step("ingest", "Read the wave files", "coprod_trust.ingest.step"),
    Step("notes", "Read the codebook and the coded notes", "coprod_trust.notes.step"),
    Step("score", "Score the scales", "coprod_trust.score.step"),
    Step("analyse", "Estimate and test", "coprod_trust.analysis.step"),
    Step("integrate", "Link notes and numbers", "coprod_trust.integrate.step"),
    Step("plan", "Hold what was done against the plan", "coprod_trust.plan.step"),
    Step("report", "Write the report", "coprod_trust.report.step"),
    Step("publish", "Publish database and report", "coprod_trust.store.step"),
)
