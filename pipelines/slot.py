"""One run of a study at a time, as Prefect's server sees it: a global concurrency limit of one slot for each study.

Between processes on one computer the lock of the operating system decides; it is free as soon as its holder is dead.
The server's slot keeps apart runs that do not share a lock, such as those of workers on two computers, and shows who
is at work. Whoever holds the lock takes the slot of a run that was killed.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.concurrency.asyncio import AcquireConcurrencySlotTimeoutError, concurrency
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Crashed

from coprod_trust.errors import Busy, Reason

WAVE, DUE = "wave", "due"
"""The names of the two flows."""
WAIT_SECONDS = 5.0
LEASE_SECONDS = 60.0
AT_WORK = [StateType.RUNNING, StateType.CANCELLING]


def limit_of(study_id: str) -> str:
    """The name of a study's limit, which is also the tag of its runs."""
    return f"coprod-trust.{study_id}"


def here() -> str:
    """The tag of runs on this computer: what the lock says of a study holds for them, and for no others."""
    return f"coprod-trust.on.{socket.gethostname()}"


async def mark(client: PrefectClient, study_id: str, run_id: UUID) -> None:
    """Tag a flow run with its study and its computer."""
    tags = {*(await client.read_flow_run(run_id)).tags, limit_of(study_id), here()}
    await client.update_flow_run(run_id, tags=sorted(tags))


@asynccontextmanager
async def only_run(study_id: str, root: Path, run_id: UUID) -> AsyncIterator[None]:
    """Hold the study's slot for the flow run ``run_id``, whose process holds the study's lock.

    Raises Busy where a run that does not share the lock holds the slot.
    """
    name = limit_of(study_id)
    async with get_client() as client:
        await mark(client, study_id, run_id)
        await bury_killed_runs(client, root, WAVE, run_id)
        others = [r for r in await _at_work(client, WAVE, run_id) if name in r.tags]
        await _ready(client, name, anew=not others)
    try:
        async with concurrency(
            name,
            timeout_seconds=WAIT_SECONDS,
            lease_duration=LEASE_SECONDS,
            strict=True,
            raise_on_lease_renewal_failure=False,
        ):
            yield
    except AcquireConcurrencySlotTimeoutError:
        raise Busy(
            Reason(
                "another run holds this study, on another computer or under another path",
                "wait until it has ended, then try again",
                str(root),
            )
        ) from None


async def bury_killed_runs(client: PrefectClient, root: Path, flow: str, run_id: UUID | None = None) -> None:
    """Tell Prefect of runs of that flow on this computer, of the study at ``root``, that were killed with what watched
    over them.

    To be called by the holder of the study's lock alone, which is its only run.
    """
    for run in await _at_work(client, flow, run_id):
        if here() in run.tags and Path(str(run.parameters.get("study"))).resolve() == root:
            await client.set_flow_run_state(run.id, Crashed(message="stopped or killed"), force=True)


async def _at_work(client: PrefectClient, flow: str, but: UUID | None) -> list[FlowRun]:
    found = await client.read_flow_runs(
        flow_filter=FlowFilter(name={"any_": [flow]}), flow_run_filter=FlowRunFilter(state={"type": {"any_": AT_WORK}})
    )
    return [run for run in found if run.id != but]


async def _ready(client: PrefectClient, name: str, anew: bool) -> None:
    """See to it that the limit is there; ``anew``: without the slot that a killed run still has.

    The limit itself is made anew, since the lease of the killed run would give back a slot once more when it expires.
    """
    try:
        limit = await client.read_global_concurrency_limit_by_name(name)
        if limit.limit == 1 and not (anew and limit.active_slots):
            return
        await client.delete_global_concurrency_limit_by_name(name)
    except ObjectNotFound:
        pass
    with suppress(ObjectAlreadyExists):  # another run was quicker
        await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
