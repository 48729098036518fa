"""One run of a study as a Prefect flow, and the daily flow that runs every wave that is due.

What Prefect stores (parameters, logs, states, artifacts) holds paths, counts and findings: no row, no value of a file,
no id of a person. An error of ours that is not a user's mistake goes to a file beside the study's data, and Prefect
learns its kind only.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from prefect import Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from coprod_trust import runner
from coprod_trust.defects import Defect, write_log
from coprod_trust.due import State as Due
from coprod_trust.errors import Busy, UserError
from coprod_trust.kept import is_kept
from coprod_trust.status import status
from coprod_trust.steps import STEPS, Context, Counts, Step
from coprod_trust.store.inputs import folder_state
from pipelines.slot import DUE, WAVE, mark, only_run

STEP_SECONDS = 4 * 3600
"""A step that takes longer hangs; ten million answers take minutes."""
BUSY_SECONDS = 600
BUSY_DELAY = 5.0
"""So long a look waits for another run of the study, and so often it tries."""
RETRY_DELAYS = [1.0, 4.0]
READY = Due.READY.name.lower()
MISSING = Due.WAITING.name.lower()
UNDONE = (READY, Due.NOT_YET.name.lower(), MISSING)
LATE = "Waiting for files"
"""How a look ends where a wave is due and a file of it is not there; automations.yaml knows it by this name."""

listener: ContextVar[runner.OnStep | None] = ContextVar("listener", default=None)


@contextmanager
def contained(what: str, root: Path) -> Iterator[None]:
    """Let an error out without what it came from: the traceback of a library may quote a value, and Prefect keeps
    tracebacks (and with them, to the end of the process, whatever was open). A user's mistake keeps its own words; of
    anything else, only the kind goes out."""
    try:
        yield
    except httpx.HTTPError:  # of Prefect's own server; holds no data
        raise
    except (UserError, Defect) as error:
        _cut_off(error)
        raise
    except Exception as error:
        defect = Defect(what, error, write_log(error, what, root))
        _cut_off(error)
        raise defect from None


def _cut_off(error: BaseException) -> None:
    """Let go of the variables of every function that the error came through, and of the errors that it came from."""
    before: BaseException | None = error
    while before is not None:
        traceback.clear_frames(before.__traceback__)
        before.__cause__, earlier = None, before.__cause__ or before.__context__
        before.__context__, before = None, earlier


def _run_name() -> str:
    """What the UI calls a run: the study's folder, and the wave."""
    given = flow_run.parameters
    return " ".join(filter(None, [Path(given["study"]).name, given.get("wave")]))


def _may_help(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether trying again can help: only errors that say so of themselves."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, UserError) and error.transient


def _as_task(step: Step) -> Task[[Context], Counts]:
    """The step as a Prefect task of the same name."""

    def body(context: Context) -> Counts:
        with contained(f"step {step.name}", context.root):
            counts = step.run(context)
        told = ", ".join(f"{n} {what}" for what, n in counts.items()) or "done"
        get_run_logger().info("%s: %s%s", step.title, "kept, as nothing it reads has changed; " * is_kept(counts), told)
        return counts

    return task(
        name=step.name,
        task_run_name=step.name,
        description=step.title,
        retries=len(RETRY_DELAYS),
        retry_delay_seconds=RETRY_DELAYS,
        retry_condition_fn=_may_help,
        timeout_seconds=STEP_SECONDS,
        cache_policy=NO_CACHE,
        persist_result=False,
        log_prints=False,
    )(body)


TASKS: tuple[tuple[Step, Task[[Context], Counts]], ...] = tuple((step, _as_task(step)) for step in STEPS)


@flow(name=WAVE, flow_run_name=_run_name, persist_result=False, validate_parameters=True)
async def run_wave(
    study: str, wave: str | None = None, cross_check: bool = False, full: bool = False
) -> runner.RunResult:
    """Run a study on the data of its waves up to ``wave`` (its latest with files, if none is named).

    ``cross_check`` also fits the mixed models with statsmodels; ``full`` keeps no step of an earlier run. The flow's
    process holds the study's lock. Raises what the steps raise.
    """
    from pipelines.artifacts import publish_artifacts

    tell = listener.get() or (lambda _step, _phase, _counts: None)
    root = Path(study).resolve()
    with contained("the run", root), runner.study_run(root, wave, cross_check, full) as context:
        async with only_run(context.study().study_id, root, UUID(flow_run.id)):
            for step, step_task in TASKS:
                tell(step, "started", None)
                tell(step, "finished", step_task(context))
        result = runner.result(context)
    await publish_artifacts(context, result)
    return result


@flow(name=DUE, flow_run_name=_run_name, persist_result=False, validate_parameters=True)
async def run_due(study: str) -> State[Any]:
    """Run each wave of a study that is due by its dates, has its files, and has not been run with the same inputs.

    Looks again after each run, since a file may have come meanwhile. Ends as "Waiting for files" where a wave is due
    and lacks files, else as "Waiting" where one waits for its day, and says for what. Where another run holds the
    study, it is waited for.
    """
    from pipelines.artifacts import publish_schedule

    root = Path(study).resolve()
    logger = get_run_logger()
    tried: dict[str, object] = {}
    held, marked = 0.0, False
    while True:
        with contained("the look at the study's dates", root):
            stands = status(root)
            files = folder_state(root)
        if not marked:
            async with get_client() as client:
                await mark(client, stands.study_id, UUID(flow_run.id))
            marked = True
        wave = next((w for w in stands.waves if w.state == READY and tried.get(w.wave) != files), None)
        if wave is None or held >= BUSY_SECONDS:
            break
        logger.info("wave %s: %s", wave.wave, wave.sentence)
        try:
            await run_wave(str(root), wave.wave)
            tried[wave.wave] = files
        except Busy:
            logger.info("another run holds the study; trying again in %s s", BUSY_DELAY)
            held += BUSY_DELAY
            await asyncio.sleep(BUSY_DELAY)
    for w in stands.waves:
        logger.info("wave %s: %s", w.wave, w.sentence)
    await publish_schedule(stands)
    if wave is not None:
        return Completed(name="Waiting", message="another run holds the study; the next look will do")
    undone = [w for w in stands.waves if w.state in UNDONE]
    if undone:
        name = LATE if any(w.state == MISSING for w in undone) else "Waiting"
        return Completed(name=name, message="; ".join(f"wave {w.wave}: {w.sentence}" for w in undone))
    return Completed(message="every wave is done")
