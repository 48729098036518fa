"""Studies of a portfolio on the workers of a Prefect work pool: a flow run a study, wherever a worker takes it.

Whoever takes a study runs it from beginning to end, and takes and lets go of its lock: the flow that waits holds none.
What goes through Prefect is the study's folder, and then what became of it (state, counts, reasons); the figures are
read from what the study has published.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterType,
    FlowRunFilter,
    FlowRunFilterId,
)
from prefect.client.schemas.objects import StateType
from prefect.deployments import arun_deployment
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter, EventResourceFilter
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.states import Completed, Crashed, Failed
from pydantic import TypeAdapter

from coprod_trust.errors import Reason, UsageError
from coprod_trust.portfolio.declare import Listed
from coprod_trust.portfolio.read import read_study
from coprod_trust.portfolio.run import Outcome, State, died, nothing_to_do, run_study

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.objects import State as PrefectState

STUDY = "study"
"""The name of the flow that runs one study of a portfolio."""
TRIES = 2
"""So often a study is begun whose process dies."""
POLL_SECONDS = 1.0
ALIVE = {"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}}
"""Has the runs of studies give a sign of life every 30 seconds, which is as often as Prefect does it."""
HEARTBEAT = "prefect.flow-run.heartbeat"
SILENT_SECONDS = 120.0
"""After so long without a sign of life a run is taken for dead."""
PENDING_SECONDS = 900.0
"""So long a worker may take from claiming a run to starting its process."""
LOOK_SECONDS = 15.0
"""How often signs of life are looked for."""
AT_ONCE = 200
"""As many flow runs as Prefect's server tells of in one answer."""

_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def said(outcome: Outcome) -> str:
    """What the UI says of a study."""
    if outcome.done:
        return f"waves up to {outcome.wave}"
    return "; ".join(f"{r.where}: {r.message}" if r.where else r.message for r in outcome.reasons)


def as_state(outcome: Outcome) -> PrefectState[Outcome]:
    """The state of a task or flow that ran one study."""
    if outcome.done:
        name = "Completed" if outcome.state is State.RUN else "Up to date"
        return Completed(name=name, message=said(outcome), data=outcome)
    return Failed(name=str(outcome.state).capitalize(), message=said(outcome), data=outcome)


def _run_name() -> str:
    return str(flow_run.parameters["key"])


@flow(name=STUDY, flow_run_name=_run_name, persist_result=False, validate_parameters=True)
async def run_one_study(key: str, root: str, again: bool = False) -> PrefectState[Any]:
    """Run one study of a portfolio where something has changed (``again``: in any case); its state and its artifact say
    what became of it, also where it was refused."""
    from prefect.artifacts import acreate_table_artifact

    outcome = replace(run_study(Listed(Path(root), key), again), study=None)
    await acreate_table_artifact(table=[_OUTCOME.dump_python(outcome, mode="json")], description=said(outcome))
    return as_state(outcome).model_copy(update={"data": None})


async def on_workers(
    studies: Sequence[Listed], again: bool, deployment: str, at_once: int | None = None
) -> AsyncIterator[Outcome]:
    """Outcomes as they come of flow runs of ``deployment`` (``study/NAME``), of which ``at_once`` are waited for at a
    time. A study whose process dies is begun once more.

    Raises UsageError where there is no such deployment or no worker of its work pool is there.
    """
    begun: Counter[str] = Counter()
    waiting, under_way = deque(studies), dict[UUID, Listed]()
    async with get_client() as client:
        looked = datetime.now(UTC)
        while waiting or under_way:
            while waiting and len(under_way) < min(at_once or AT_ONCE, AT_ONCE):
                listed = waiting.popleft()
                current = None if again else nothing_to_do(listed)
                if current is not None:  # it needs no process of its own to say so
                    yield current
                    continue
                if not begun:
                    await _require_workers(client, deployment)
                begun[listed.key] += 1
                given = {"key": listed.key, "root": str(listed.root), "again": again}
                run = await arun_deployment(
                    deployment, client, parameters=given, timeout=0, flow_run_name=listed.key, job_variables=ALIVE
                )
                under_way[run.id] = listed
            if not under_way:
                return
            await asyncio.sleep(POLL_SECONDS)
            if (datetime.now(UTC) - looked).total_seconds() > LOOK_SECONDS:
                looked = datetime.now(UTC)
                await _bury(client, under_way)
            for run in await _read(client, under_way):
                if run.state is None or not run.state.is_final():
                    continue
                listed = under_way.pop(run.id)
                outcome = await _outcome_of(client, run, listed)
                if outcome is None and begun[listed.key] < TRIES:
                    waiting.append(listed)
                else:
                    yield replace(outcome or died(listed), study=read_study(listed))


async def _require_workers(client: PrefectClient, deployment: str) -> None:
    """Raises UsageError where nobody would take the studies."""
    try:
        pool = (await client.read_deployment_by_name(deployment)).work_pool_name
    except (ObjectNotFound, ValueError):
        raise UsageError(
            Reason(
                "the Prefect server knows no such deployment",
                f"make it: prefect deploy --name portfolio; its name is {STUDY}/portfolio",
                deployment,
            )
        ) from None
    if pool is None or (await client.read_work_pool(pool)).is_push_pool:
        return
    if not any(w.status == "ONLINE" for w in await client.read_workers_for_work_pool(pool)):
        raise UsageError(
            Reason(
                f"no worker of the work pool {pool} is there to take the studies",
                f"start one or several: prefect worker start --pool {pool} --limit 2",
                deployment,
            )
        )


async def _read(client: PrefectClient, runs: Collection[UUID]) -> list[FlowRun]:
    return await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=list(runs))))


async def _outcome_of(client: PrefectClient, run: FlowRun, listed: Listed) -> Outcome | None:
    """What became of the study; None where the run's process ended before it could say."""
    theirs = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]), type=ArtifactFilterType(any_=["table"]))
    for artifact in await client.read_artifacts(artifact_filter=theirs):
        (shown,) = json.loads(str(artifact.data))
        return _OUTCOME.validate_python(shown)
    if run.state_type is StateType.CANCELLED:
        why = Reason("its run was cancelled", "run the portfolio again", str(listed.root))
        return Outcome(listed.key, State.FAILED, reasons=(why,))
    return None


async def _bury(client: PrefectClient, runs: Collection[UUID]) -> None:
    """Tell Prefect of runs that were killed together with their worker, as when a computer dies: nobody else does."""
    now = datetime.now(UTC)
    for run in await _read(client, runs):
        if run.state is None or now - run.state.timestamp < timedelta(seconds=SILENT_SECONDS):
            continue
        if run.state.is_pending():
            gone = now - run.state.timestamp > timedelta(seconds=PENDING_SECONDS)
        elif run.state.is_running() or run.state.is_cancelling():
            gone = not await _gave_a_sign(client, run, now - timedelta(seconds=SILENT_SECONDS))
        else:
            continue
        if gone:
            await client.set_flow_run_state(run.id, Crashed(message="no sign of life: killed, or cut off"), force=True)


async def _gave_a_sign(client: PrefectClient, run: FlowRun, since: datetime) -> bool:
    signs = EventFilter(
        event=EventNameFilter(name=[HEARTBEAT]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
        occurred=EventOccurredFilter(since=since),
    )
    return bool((await client.read_events(signs, limit=1)).events)
