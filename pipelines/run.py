"""``coprod-trust run``: the flow in this process, against the server that the user has or a temporary one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing import active_children
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from coprod_trust.errors import Reason
from pipelines.server import ServerUnreachable, server_in_use, server_of_a_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from prefect.client.schemas.objects import State

    from coprod_trust.portfolio.declare import Portfolio
    from coprod_trust.portfolio.run import OnOutcome, Outcome
    from coprod_trust.runner import OnStep, RunResult

QUIET = "CRITICAL"  # a level above those that Prefect tells a run by

_listener: ContextVar[OnOutcome | None] = ContextVar("listener", default=None)


def tell(outcome: Outcome) -> None:
    """Tell whoever runs a portfolio in this process what became of a study. The flow names this function, as Prefect
    sends the flow to other processes with all that it names, and a context variable cannot be sent."""
    listener = _listener.get()
    if listener is not None:
        listener(outcome)


def run_flow(
    root: Path,
    wave: str | None,
    on_step: OnStep,
    on_stop: Callable[[], None],
    cross_check: bool = False,
    full: bool = False,
) -> RunResult:
    """Run the flow ``wave`` on a study and return its result; raises what its steps raise.

    ``on_stop`` is called where the user presses Ctrl-C; then the process ends at once, which a run survives at any
    moment. Prefect's own lines stay off the terminal: the run has a display of its own, and a refusal is told by
    whoever called. They are kept in Prefect's database.
    """
    with _on_a_server(server_of_a_run()), _stopping(on_stop):
        from pipelines.flow import listener, run_wave

        token = listener.set(on_step)
        try:
            return asyncio.run(run_wave(str(root), wave, cross_check, full))
        finally:
            listener.reset(token)


def run_portfolio_flow(
    portfolio: Portfolio,
    again: bool,
    jobs: int | None,
    dask: str | None,
    deployment: str | None,
    on_outcome: OnOutcome,
    on_stop: Callable[[], None],
) -> tuple[Sequence[Outcome], Path]:
    """Run the flow ``portfolio`` and return the outcomes in the portfolio's order and the overview's path.

    ``on_outcome`` is told of each study as it ends, ``on_stop`` is called where the user presses Ctrl-C; then all ends
    at once. Raises what the flow raises for the whole.
    """
    with _on_a_server(server_in_use() if deployment else server_of_a_run()), _stopping(on_stop):
        from pipelines.portfolio import run_portfolio

        async def ran() -> Any:
            state: State[Any] = await run_portfolio(
                str(portfolio.root), again, jobs, dask, deployment, return_state=True
            )
            return await state.aresult(raise_on_failure=False)

        token = _listener.set(on_outcome)
        try:
            result = asyncio.run(ran())
        finally:
            _listener.reset(token)
    if isinstance(result, BaseException):
        raise result
    outcomes, page = result
    return outcomes, page


@contextmanager
def _on_a_server(server: AbstractContextManager[object]) -> Iterator[None]:
    """That server, with Prefect's lines off the terminal, and its failures as an error of a user's."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", QUIET)
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL", QUIET)
    import httpx

    with server:
        try:
            yield
        except httpx.HTTPError as error:
            raise ServerUnreachable(
                Reason(
                    f"the Prefect server does not answer as it should ({type(error).__name__})",
                    "look whether it is up, and run again; or add --direct to run without Prefect",
                )
            ) from None


@contextmanager
def _stopping(on_stop: Callable[[], None]) -> Iterator[None]:
    """End at once on Ctrl-C. Prefect's server gets the same Ctrl-C and is gone, so nothing could be told to it."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for process in active_children():  # they leave Ctrl-C to this one
            process.terminate()
        on_stop()
        os._exit(128 + signal.SIGINT)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
