"""One run of a study: takes the lock, decides the wave, keeps the record.

The Prefect flow and ``run --direct`` both stand inside ``study_run`` and walk ``steps.STEPS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coprod_trust.errors import Reason, Refused, UsageError
from coprod_trust.freeze.guard import refuse_frozen_report
from coprod_trust.ingest.archive import entries
from coprod_trust.steps import STEPS, Context, Counts, Step
from coprod_trust.store import StudyPaths, open_work, study_lock
from coprod_trust.store.inputs import files_of
from coprod_trust.store.publish import refuse_stray_wal
from coprod_trust.store.record import counts_of, new_run_id, open_run
from coprod_trust.store.work import kept_open, known_error
from coprod_trust.study import Study, load_study

OnStep = Callable[[Step, str, Counts | None], None]


@dataclass(frozen=True)
class RunResult:
    """What a finished run leaves: the report's path, what each step counted, and how many rows or cells wait in
    quarantine (each counted once, however many rules it breaks)."""

    report: Path
    wave: str
    run_id: str
    counts: Mapping[str, Counts]
    quarantined: int


@contextmanager
def study_run(root: Path, wave: str | None = None, cross_check: bool = False, full: bool = False) -> Iterator[Context]:
    """Hold the study for one run up to ``wave`` (default: the latest wave that has files).

    ``cross_check`` has others' code fit the mixed models too; ``full`` keeps no step of an earlier run.

    Raises StudyError for a study.yaml that cannot be used, UsageError for an unknown wave, Refused where the wave has
    no files, Busy where another run holds the study.
    """
    root = Path(root)
    paths = StudyPaths(root)
    study = load_study(root)
    chosen = choose_wave(paths, study, wave)
    with study_lock(paths):
        refuse_stray_wal(paths)
        refuse_frozen_report(paths, chosen)
        context = Context(root, chosen, new_run_id(), cross_check, full)
        with kept_open(paths):
            try:
                open_run(paths, study, chosen, context.run_id)
            except Exception as error:
                raise known_error(error, paths) or error from None
            yield context


def run_direct(
    root: Path,
    wave: str | None = None,
    on_step: OnStep | None = None,
    cross_check: bool = False,
    full: bool = False,
) -> RunResult:
    """Walk the steps in this process.

    ``on_step`` is told (step, "started", None) before and (step, "finished", counts) after each; the counts of a step
    that an earlier run left as it is are ``kept.Kept``.
    """
    with study_run(root, wave, cross_check, full) as context:
        for step in STEPS:
            if on_step:
                on_step(step, "started", None)
            counts = step.run(context)
            if on_step:
                on_step(step, "finished", counts)
        return result(context)


def result(context: Context) -> RunResult:
    """What the run of this context left; to be asked after its last step, inside ``study_run``."""
    with open_work(context.paths) as con:
        counts = counts_of(con, context.run_id)
        row = con.execute(
            "SELECT count(DISTINCT (source_id, row_number, column_name)) FROM problem "
            "WHERE severity = 'quarantine' AND status = 'open'"
        ).fetchone()
    edition, name = context.study().report.first
    report = context.paths.report(context.wave, edition) / name
    return RunResult(report, context.wave, context.run_id, counts, int(row[0]) if row else 0)


def waves_with_files(paths: StudyPaths, study: Study) -> tuple[str, ...]:
    """The waves, in order, of which a file lies in its place or was received before and is in the archive."""
    archived = archived_waves(paths)
    return tuple(w.id for w in study.waves if w.id in archived or files_of(paths, w))


def archived_waves(paths: StudyPaths) -> frozenset[str]:
    """The waves of which a survey file was received and is kept in the archive."""
    return frozenset(e.wave for e in entries(paths) if e.kind == "survey" and e.wave)


def choose_wave(paths: StudyPaths, study: Study, wave: str | None) -> str:
    """The wave to run: the one asked for, else the latest that has files.

    Raises UsageError for an unknown wave, Refused where there are no files.
    """
    if wave is not None and wave not in study.wave_ids:
        raise UsageError(
            Reason(f"there is no wave {wave} in study.yaml", f"choose one of: {', '.join(study.wave_ids)}")
        )
    available = waves_with_files(paths, study)
    if wave is None and available:
        return available[-1]
    if wave in available:
        return str(wave)
    expected = [f.path for w in study.waves if wave in (None, w.id) for f in w.files]
    raise Refused(
        Reason(
            f"wave {wave} has no files" if wave else "no wave has files",
            f"put them where study.yaml expects them: {', '.join(expected)}"
            if expected
            else "name the files of each wave in study.yaml, under waves: files:",
            str(paths.root),
        )
    )
