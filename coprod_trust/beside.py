"""A second process beside a run: it imports the statistics libraries while the run reads files, then computes and
draws for it.

Only ``coprod-trust run`` starts it. Where there is none (in a Prefect worker, in tests) the same functions are called
in place: ``submit`` gives the same result either way.
"""

from __future__ import annotations

import gc
import pickle
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

NEEDED_BESIDE = (
    "pingouin",
    "statsmodels.regression.linear_model",
    "statsmodels.stats.inter_rater",
    "statsmodels.stats.proportion",
    "statsmodels.stats.weightstats",
    "coprod_trust.analysis.step",
    "coprod_trust.analysis.compute",
    "coprod_trust.mixed.fit",
    "coprod_trust.mixed.second_pass",
    "threadpoolctl",
    "coprod_trust.integrate.trajectory",
    "coprod_trust.report.charts.draw",
)
NEEDED_LATER = (
    "coprod_trust.analysis.store",
    "coprod_trust.integrate.step",
    "coprod_trust.report.step",
    "coprod_trust.store.step",
)
"""What later steps of the run itself need."""

# Modules make hundreds of thousands of objects that stay: looking through them for garbage every 700 new ones, as
# Python does by itself, takes a twelfth of a small run.
COLLECT_EVERY = 100_000


def collect_seldom() -> None:
    """Have Python look for garbage less often in this process."""
    gc.set_threshold(COLLECT_EVERY, 20, 100)


class _Process:
    """A process, and the one thread that talks to it. It ends by itself when this process ends, however it ends:
    nothing but this process holds the other end of its pipe."""

    def __init__(self) -> None:
        # Not multiprocessing's own way of starting one, which needs a third process to keep track.
        ours, theirs = socket.socketpair()
        program = (
            f"import sys; sys.path[:] = {sys.path!r}; from coprod_trust import beside; beside.serve({theirs.fileno()})"
        )
        self._process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._connection = Connection(ours.detach())
        self._talk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._talk.submit(self._ask, function, args, kwargs)

    def _ask(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        with suppress(BrokenPipeError, ConnectionResetError):
            self._connection.send((function, args, kwargs))
        return self._receive()

    def _receive(self) -> Any:
        try:
            result, error = self._connection.recv()
        except (EOFError, ConnectionResetError):
            raise RuntimeError("the process beside the run has ended before its time; memory may be short") from None
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        self._talk.shutdown(wait=False, cancel_futures=True)
        self._process.terminate()
        self._process.wait()
        self._connection.close()


_beside: _Process | None = None


@contextmanager
def second_process() -> Iterator[None]:
    """Have the process beside whatever runs inside."""
    global _beside
    collect_seldom()
    _beside = _Process()
    try:
        yield
    finally:
        _beside.close()
        _beside = None


def submit(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Call a function of a module in the second process, in the order of submission; in place where there is none."""
    if _beside is not None:
        return _beside.submit(function, *args, **kwargs)
    future: Future[T] = Future()
    try:
        future.set_result(function(*args, **kwargs))
    except Exception as error:
        future.set_exception(error)
    return future


def prepare_meanwhile() -> None:
    """Import what later steps need and compile their templates, while the statistics are computed; without a process
    for these, steps do so themselves."""
    if _beside is not None:
        for name in NEEDED_LATER:
            import_module(name)
        from coprod_trust.report.html import compile_template
        from coprod_trust.store import sql

        sql.compile_templates("published")
        compile_template()


def prepare_drawing() -> None:
    """Have the renderer of charts started when nothing else is to be computed."""
    if _beside is not None:
        from coprod_trust.report.charts.draw import warm_up

        _beside.submit(warm_up)


def serve(handle: int) -> None:
    """Import, then answer until the other end is closed. Ctrl-C is the run's own to deal with."""
    connection = Connection(handle)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    for name in NEEDED_BESIDE:
        import_module(name)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            _answer(connection)


def _answer(connection: Connection) -> None:
    function, args, kwargs = connection.recv()
    result: Any = None
    error: Exception | None = None
    try:
        result = function(*args, **kwargs)
    except Exception as caught:
        caught.add_note(f"in the process beside the run:\n{traceback.format_exc()}")
        error = caught
    try:
        message = pickle.dumps((result, error))
    except Exception:  # what cannot be sent is told by its kind and place
        error = RuntimeError(f"{type(error).__name__ if error else 'a result'} could not be sent")
        error.add_note(traceback.format_exc())
        message = pickle.dumps((None, error))
    connection.send_bytes(message)
