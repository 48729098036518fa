"""``coprod-trust run``: the flow in this process, against the server that the user has or a temporary one."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from coprod_trust.errors import Reason, UserError

if TYPE_CHECKING:
    from coprod_trust.runner import OnStep, RunResult

STARTUP_SECONDS = 90
QUIET = "CRITICAL"  # a level above those that Prefect tells a run by


class ServerUnreachable(UserError):
    """The Prefect server that the settings name does not answer, or a temporary one cannot be started."""

    transient = True


def run_flow(root: Path, wave: str | None, on_step: OnStep, on_stop: Callable[[], None]) -> RunResult:
    """Run the flow ``wave`` on a study and return its result; raises what its steps raise.

    ``on_stop`` is called where the user presses Ctrl-C; then the process ends at once, which a run survives at any
    moment. Prefect's own lines stay off the terminal: the run has a display of its own, and a refusal is told by
    whoever called. They are kept in Prefect's database.
    """
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", QUIET)
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL", QUIET)
    import httpx
    from prefect.settings import PREFECT_API_URL

    with _server(), _stopping(on_stop):
        from pipelines.flow import listener, run_wave

        token = listener.set(on_step)
        try:
            return asyncio.run(run_wave(str(root), wave))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise ServerUnreachable(
                Reason(
                    "the Prefect server does not answer",
                    "start it, or take the setting PREFECT_API_URL away to use a temporary one, or add --direct",
                    PREFECT_API_URL.value() or "temporary server",
                )
            ) from None
        finally:
            listener.reset(token)


@contextmanager
def _server() -> Iterator[None]:
    """The server of the user's settings, or a temporary one that ends with this process, however it ends."""
    from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE, temporary_settings

    if PREFECT_API_URL.value():
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
        # Before Prefect stops its server: afterwards the number could belong to another process.
        watcher.kill()
        watcher.wait()

    atexit.register(dismiss)


@contextmanager
def _stopping(on_stop: Callable[[], None]) -> Iterator[None]:
    """End at once on Ctrl-C. Prefect's server gets the same Ctrl-C and is gone, so nothing could be told to it."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        on_stop()
        os._exit(128 + signal.SIGINT)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
