"""``coprod-trust serve``: a look at each study every day and whenever a file of it changes, on the user's Prefect
server or on one started here; ``coprod-trust watch``: the watcher alone, for a server with workers."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click

from coprod_trust.errors import Busy, Reason, StorageError, UsageError
from coprod_trust.store import StudyPaths, study_lock
from coprod_trust.study import load_study
from pipelines.server import server_in_use, server_of_a_schedule


def serve_studies(studies: Sequence[Path], cron: str, timezone: str, every: float) -> None:
    """Look at each study at the times of ``cron`` and when files of it have changed, and run the waves that are due,
    until interrupted. ``every``: seconds between two looks at the files.

    Raises StudyError where a study.yaml cannot be used, UsageError for a bad cron expression or time zone or two
    studies of one id, ServerUnreachable where no Prefect server can be reached.
    """
    names = _names(studies)
    _check_times(cron, timezone)
    with server_of_a_schedule() as api:
        click.echo(f"Serving {', '.join(names)} at {cron!r} ({timezone}). UI: {api.removesuffix('/api')}", err=True)
        click.echo("Stop with Ctrl-C.", err=True)
        # Prefect's own handler of SIGTERM forgets to await; it stops all the same.
        warnings.filterwarnings("ignore", message="coroutine 'Runner.astop' was never awaited")
        asyncio.run(_serve(names, cron, timezone, every))


def watch_studies(studies: Sequence[Path], every: float) -> None:
    """Tell the Prefect server of the user's settings of every change in the studies' folders, until interrupted.

    Raises StudyError where a study.yaml cannot be used, UsageError for two studies of one id, ServerUnreachable where
    no Prefect server is named or it does not answer.
    """
    names = _names(studies)
    with server_in_use() as api:
        from pipelines.watch import Watcher, watch

        click.echo(f"Watching {', '.join(names)} for {api}. Stop with Ctrl-C.", err=True)
        asyncio.run(watch([Watcher(name, root) for name, root in names.items()], every))


async def _serve(names: Mapping[str, Path], cron: str, timezone: str, every: float) -> None:
    from prefect.client.orchestration import get_client
    from prefect.runner import Runner
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from pipelines.flow import run_due, run_wave
    from pipelines.slot import limit_of
    from pipelines.watch import Watcher, trigger_of, watch

    await _tidy(names)
    runner = Runner(pause_on_shutdown=False)
    watchers = [Watcher(name, root, told=True) for name, root in names.items()]
    for name, root in names.items():
        look = await runner.aadd_deployment(
            await run_due.ato_deployment(
                name=name,
                schedule=Cron(cron, timezone=timezone),
                parameters={"study": str(root)},
                description=f"Looks at the study in {root} and runs each wave that is due.",
                tags=["coprod-trust", limit_of(name)],
                triggers=[trigger_of(name)],
                concurrency_limit=1,
                entrypoint_type=EntrypointType.MODULE_PATH,
            )
        )
        await runner.aadd_deployment(
            await run_wave.ato_deployment(
                name=name,
                parameters={"study": str(root)},
                description=f"Runs the study in {root} now, on the data of waves up to the one named.",
                tags=["coprod-trust", limit_of(name)],
                entrypoint_type=EntrypointType.MODULE_PATH,
            )
        )
        async with get_client() as client:
            await client.create_flow_run_from_deployment(look)
    watching = asyncio.create_task(watch(watchers, every))
    try:
        await runner.start()
    finally:
        watching.cancel()


async def _tidy(names: Mapping[str, Path]) -> None:
    """Bury what was killed together with its ``serve``: for Prefect it would be at work until its lease runs out."""
    from prefect.client.orchestration import get_client

    from pipelines.slot import DUE, WAVE, bury_killed_runs

    async with get_client() as client:
        for root in names.values():
            with suppress(Busy, StorageError), study_lock(StudyPaths(root)):
                for flow in (WAVE, DUE):
                    await bury_killed_runs(client, root.resolve(), flow)


def _names(studies: Sequence[Path]) -> dict[str, Path]:
    """Study ids, each with its folder; raises where two studies share one."""
    names: dict[str, Path] = {}
    for root in dict.fromkeys(studies):
        study_id = load_study(root).study_id
        if study_id in names:
            raise UsageError(
                Reason(f"two studies have the study_id {study_id}", "give one of them another study_id", str(root))
            )
        names[study_id] = root
    return names


def _check_times(cron: str, timezone: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from prefect.schedules import Cron

    try:
        Cron(cron)
    except ValueError:
        raise UsageError(
            Reason(f"{cron!r} is not a cron expression", "write minute, hour, day, month, weekday, such as: 0 6 * * *")
        ) from None
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(
            Reason(f"there is no time zone {timezone!r}", "write it as in Europe/Amsterdam or UTC")
        ) from None
