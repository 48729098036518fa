"""``coprod-trust serve``: a daily look at each study, on the user's Prefect server or on one started here."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from coprod_trust.errors import Reason, UsageError
from coprod_trust.study import load_study
from pipelines.server import server_of_a_schedule


def serve_studies(studies: Sequence[Path], cron: str, timezone: str) -> None:
    """Look at each study at the times of ``cron`` and run the waves that are due, until interrupted.

    Raises StudyError where a study.yaml cannot be used, UsageError for a bad cron expression or time zone or two
    studies of one id, ServerUnreachable where no Prefect server can be reached.
    """
    names = _names(studies)
    _check_times(cron, timezone)
    with server_of_a_schedule() as api:
        from prefect.settings import PREFECT_API_URL, temporary_settings

        click.echo(f"Serving {', '.join(names)} at {cron!r} ({timezone}). UI: {api.removesuffix('/api')}", err=True)
        click.echo("Stop with Ctrl-C.", err=True)
        # Prefect's own handler of SIGTERM forgets to await; it stops all the same.
        warnings.filterwarnings("ignore", message="coroutine 'Runner.astop' was never awaited")
        with temporary_settings({PREFECT_API_URL: api}):
            asyncio.run(_serve(names, cron, timezone))


async def _serve(names: Mapping[str, Path], cron: str, timezone: str) -> None:
    from prefect import aserve
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from pipelines.flow import run_due, run_wave

    deployments = []
    for name, root in names.items():
        deployments.append(
            await run_due.ato_deployment(
                name=name,
                schedule=Cron(cron, timezone=timezone),
                parameters={"study": str(root)},
                description=f"Looks at the study in {root} and runs each wave that is due.",
                tags=["coprod-trust"],
                entrypoint_type=EntrypointType.MODULE_PATH,
            )
        )
        deployments.append(
            await run_wave.ato_deployment(
                name=name,
                parameters={"study": str(root)},
                description=f"Runs the study in {root} now, on the data of waves up to the one named.",
                tags=["coprod-trust"],
                entrypoint_type=EntrypointType.MODULE_PATH,
            )
        )
    await aserve(*deployments, pause_on_shutdown=False, print_starting_message=False)


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
