"""The Prefect server that a run or a schedule uses: the user's, or one that is started here and ends with us."""

from __future__ import annotations

import atexit
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from coprod_trust.errors import Reason, UserError

LOCAL_API = "http://127.0.0.1:4200/api"
STARTUP_SECONDS = 90


class ServerUnreachable(UserError):
    """The Prefect server that the settings name does not answer, or none can be started."""

    transient = True


@contextmanager
def server_of_a_run() -> Iterator[None]:
    """The server of the user's settings, or a temporary one that ends with this process, however it ends."""
    from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE, temporary_settings

    configured = PREFECT_API_URL.value()
    if configured:
        require(configured, "take the setting PREFECT_API_URL away to use a temporary one, or add --direct")
        yield
        return
    from prefect.server.api.server import SubprocessASGIServer

    server = SubprocessASGIServer()
    try:
        server.start(timeout=STARTUP_SECONDS)
    except Exception as error:
        raise ServerUnreachable(
            Reason(
                f"Prefect's temporary server did not start ({type(error).__name__})",
                "try again, or add --direct to run without Prefect",
            )
        ) from None
    assert server.server_process is not None
    _end_with_us(server.server_process.pid)
    with temporary_settings({PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: True}):
        yield


@contextmanager
def server_in_use() -> Iterator[str]:
    """The API of the server of the user's settings, else of one that answers on this computer; it is set for what runs
    inside. Raises ServerUnreachable where there is none."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    api = PREFECT_API_URL.value() or LOCAL_API
    require(api, "name it in the setting PREFECT_API_URL")
    with temporary_settings({PREFECT_API_URL: api}):
        yield api


@contextmanager
def server_of_a_schedule() -> Iterator[str]:
    """``server_in_use``; where none is named and none answers, a new one with Prefect's UI, stopped at the end."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if PREFECT_API_URL.value() or answers(LOCAL_API):
        with server_in_use() as api:
            yield api
        return
    click.echo("Starting a Prefect server (some 15 seconds)", err=True)
    port = LOCAL_API.rsplit(":", 1)[1].removesuffix("/api")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [*command, "--log-level", "WARNING"], stdout=subprocess.DEVNULL, start_new_session=True
    )
    _end_with_us(process.pid)
    try:
        _wait(process, LOCAL_API)
        with temporary_settings({PREFECT_API_URL: LOCAL_API}):
            yield LOCAL_API
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def require(api: str, otherwise: str) -> None:
    """Raises ServerUnreachable where no Prefect server answers at ``api``."""
    if not answers(api):
        raise ServerUnreachable(
            Reason(
                "the Prefect server does not answer",
                f"start it with: prefect server start; or {otherwise}",
                api,
            )
        )


def answers(api: str) -> bool:
    """Whether a server answers there, be it only to ask who we are."""
    import httpx

    try:
        return not httpx.get(f"{api}/health", timeout=10).is_server_error
    except httpx.HTTPError:
        return False


def _wait(process: subprocess.Popen[bytes], api: str) -> None:
    end = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if answers(api):
            return
        time.sleep(0.3)
    raise ServerUnreachable(
        Reason("no Prefect server could be started", "start one with: prefect server start; it says what is wrong", api)
    )


def _end_with_us(pid: int) -> None:
    """Have that process ended when this one dies, even where it is killed: a shell waits for our end of a pipe."""
    watcher = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
        ["/bin/sh", "-c", 'read _ || kill "$0"', str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def dismiss() -> None:
        # Before the server is stopped in the regular way: afterwards the number could belong to another process.
        watcher.kill()
        watcher.wait()

    atexit.register(dismiss)
