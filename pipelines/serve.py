"""``coprod-trust serve``: a daily look at each study, on the user's Prefect server or on one started here."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from coprod_trust.errors import Reason, UsageError, UserError
from coprod_trust.study import load_study

LOCAL_API = "http://127.0.0.1:4200/api"
STARTUP_SECONDS = 90


class ServerFailed(UserError):
    """No Prefect server could be reached or started."""


def serve_studies(studies: Sequence[Path], cron: str, timezone: str) -> None:
    """Look at each study at the times of ``cron`` and run the waves that are due, until interrupted.

    Raises StudyError where a study.yaml cannot be used, UsageError for a bad cron expression or time zone or two
    studies of one id, ServerFailed where no Prefect server can be reached.
    """
    names = _names(studies)
    _check_times(cron, timezone)
    with _server() as api:
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


@contextmanager
def _server() -> Iterator[str]:
    """The API of a Prefect server: the one of the settings, else one that answers on this computer, else a new one
    that ends with this process."""
    from prefect.settings import PREFECT_API_URL

    configured = PREFECT_API_URL.value()
    if configured:
        if not _answers(configured):
            raise ServerFailed(
                Reason(
                    "the Prefect server does not answer",
                    "start it with: prefect server start; or take the setting PREFECT_API_URL away to have one started",
                    configured,
                )
            )
        yield configured
        return
    if _answers(LOCAL_API):
        yield LOCAL_API
        return
    click.echo("Starting a Prefect server (some 15 seconds)", err=True)
    port = LOCAL_API.rsplit(":", 1)[1].removesuffix("/api")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [*command, "--log-level", "WARNING"], stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(process, LOCAL_API)
        yield LOCAL_API
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _answers(api: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{api}/health", timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _wait(process: subprocess.Popen[bytes], api: str) -> None:
    end = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if _answers(api):
            return
        time.sleep(0.3)
    raise ServerFailed(
        Reason("no Prefect server could be started", "start one with: prefect server start; it says what is wrong", api)
    )
