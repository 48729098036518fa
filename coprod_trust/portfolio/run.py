"""One study of a portfolio after another, or several at once in processes of their own.

Each study is run whole by one process, which takes its lock and lets go of it: a lock never goes from one process to
another. Whatever befalls a study is an ``Outcome``; the others go on.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path

from coprod_trust import __version__
from coprod_trust.beside import collect_seldom
from coprod_trust.defects import write_log
from coprod_trust.errors import EXIT_BUSY, EXIT_DEFECT, EXIT_DONE, EXIT_REFUSED, Busy, Reason, UserError
from coprod_trust.freeze.guard import freezes
from coprod_trust.portfolio.declare import Listed
from coprod_trust.portfolio.read import StudyRead, read_study
from coprod_trust.runner import choose_wave, run_direct
from coprod_trust.store import StudyPaths
from coprod_trust.store.inputs import changed_inputs
from coprod_trust.store.query import published
from coprod_trust.study import load_study


class State(StrEnum):
    """What became of a study in a run of its portfolio."""

    RUN = "run"
    CURRENT = "up to date"
    REFUSED = "refused"
    BUSY = "busy"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of one study. ``reasons`` say why it was not run; they hold no value of its data. ``log`` is the
    file with the traceback of a defect of ours. ``study`` is what it has published, by this run or an earlier one."""

    key: str
    state: State
    wave: str | None = None
    run_id: str | None = None
    quarantined: int = 0
    seconds: float = 0.0
    reasons: tuple[Reason, ...] = ()
    log: Path | None = None
    study: StudyRead | None = None

    @property
    def done(self) -> bool:
        """Whether the study stands as its files say."""
        return self.state in (State.RUN, State.CURRENT)


OnOutcome = Callable[[Outcome], None]


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """The exit status of the gravest outcome."""
    states = {o.state for o in outcomes}
    if State.FAILED in states:
        return EXIT_DEFECT
    if State.REFUSED in states:
        return EXIT_REFUSED
    return EXIT_BUSY if State.BUSY in states else EXIT_DONE


def run_study(listed: Listed, again: bool = False) -> Outcome:
    """Run a study where something has changed since its last publication, or ``again`` in any case, and read what it
    has published. Never raises."""
    began = time.perf_counter()
    outcome = _outcome(listed, again)
    return replace(outcome, seconds=time.perf_counter() - began, study=read_study(listed))


def _outcome(listed: Listed, again: bool) -> Outcome:
    key, root = listed.key, listed.root
    try:
        current = None if again else _up_to_date(key, root)
        if current is not None:
            return current
        result = run_direct(root, full=again)
    except Busy as error:
        return Outcome(key, State.BUSY, reasons=error.reasons)
    except UserError as error:
        return Outcome(key, State.REFUSED, reasons=error.reasons)
    except Exception as error:
        log = write_log(error, "the run of a study of a portfolio", root)
        why = Reason(
            f"a defect of coprod-trust ({type(error).__name__})", "report it with the traceback", str(log or "")
        )
        return Outcome(key, State.FAILED, reasons=(why,), log=log)
    return Outcome(key, State.RUN, result.wave, result.run_id, result.quarantined)


def nothing_to_do(listed: Listed) -> Outcome | None:
    """The outcome of a study that need not be run; None where it must be, also where only a run can say what is in its
    way."""
    try:
        current = _up_to_date(listed.key, listed.root)
    except UserError:
        return None
    return current and replace(current, study=read_study(listed))


def _up_to_date(key: str, root: Path) -> Outcome | None:
    """The outcome of a study that need not be run: its latest wave with files is published by this version, and
    nothing that was read has changed since; or that wave is frozen."""
    study, paths = load_study(root), StudyPaths(root)
    if not paths.published.is_file():
        return None
    latest = choose_wave(paths, study, None)
    with published(root) as con:
        run = con.execute(
            "SELECT wave, version, run_id FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1"
        ).fetchone()
        if run is None or run[0] != latest:
            return None
        frozen = freezes(root).get(latest)
        is_frozen = frozen is not None and frozen[1] is None
        if not is_frozen and (run[1] != __version__ or changed_inputs(paths, study, con)):
            return None
    return Outcome(key, State.CURRENT, latest, run[2])


def run_studies(
    studies: Sequence[Listed], again: bool = False, jobs: int | None = None, on_outcome: OnOutcome = lambda _: None
) -> tuple[Outcome, ...]:
    """Run the studies in ``jobs`` processes (as many as there are processors), begun in the order given.

    Each process imports the libraries once. Where one of them dies, what has no outcome yet is run again one by one,
    each in a process of its own, so that the study that no process can bear stands alone.
    """
    found: dict[str, Outcome] = {}

    def keep(outcome: Outcome) -> None:
        found[outcome.key] = outcome
        on_outcome(outcome)

    for outcome in _in_processes(studies, again, min(jobs or processors(), max(1, len(studies)))):
        keep(outcome)
    for listed in [s for s in studies if s.key not in found]:
        keep(alone(listed, again))
    return tuple(found[listed.key] for listed in studies)


def alone(listed: Listed, again: bool = False) -> Outcome:
    """Run one study in a process of its own; where that process dies, this is the study's outcome."""
    return next(_in_processes([listed], again, 1), None) or died(listed)


def died(listed: Listed) -> Outcome:
    """The outcome of a study whose process ended before it could say one."""
    why = Reason("its process ended before its time", "memory may be short: run it by itself", str(listed.root))
    return Outcome(listed.key, State.FAILED, reasons=(why,), study=read_study(listed))


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(studies: Sequence[Listed], again: bool, jobs: int) -> Iterator[Outcome]:
    """Outcomes as they come; none for studies that were under way or waiting when a process died."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=prepare) as pool:
        waiting: list[Future[Outcome]] = [pool.submit(run_study, listed, again) for listed in studies]
        try:
            for future in as_completed(waiting):
                yield future.result()
        except BrokenProcessPool:
            return
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def prepare() -> None:
    """Set up a process that runs many studies: Ctrl-C is left to the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
