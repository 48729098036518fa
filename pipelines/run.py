"""``coprod-trust run``: the flow in this process, against the server that the user has or a temporary one."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from coprod_trust.errors import Reason, UserError

if TYPE_CHECKING:
    from coprod_trust.runner import OnStep, RunResult


class ServerUnreachable(UserError):
    """The Prefect server that the settings name does not answer."""

    transient = True


def run_flow(root: Path, wave: str | None, on_step: OnStep) -> RunResult:
    """Run the flow ``wave`` on a study and return its result; raises what its steps raise.

    Prefect's own lines stay off the terminal: the run has a display of its own, and a refusal is told by whoever
    called. They are kept in Prefect's database.
    """
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "100")
    import httpx
    from prefect.settings import PREFECT_API_URL

    from pipelines.flow import listener, run_wave

    token = listener.set(on_step)
    try:
        return asyncio.run(run_wave(str(root), wave))
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise ServerUnreachable(
            Reason(
                "the Prefect server does not answer",
                "start it, or take the setting PREFECT_API_URL away to use a temporary one, or add --direct",
                str(PREFECT_API_URL.value()),
            )
        ) from None
    finally:
        listener.reset(token)
