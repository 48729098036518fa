"""Processes beside a run: they import the statistics libraries and the chart renderer while the run reads files, then
compute and draw for it.

Only ``coprod-trust run`` starts them. Where there are none (in a Prefect worker, in tests) the same functions are
called in place: ``submit`` gives the same result either way.
"""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import count
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

FOR_STATISTICS = (
    "pingouin",
    "statsmodels.regression.linear_model",
    "statsmodels.stats.inter_rater",
    "statsmodels.stats.proportion",
    "statsmodels.stats.weightstats",
    "coprod_trust.analysis.step",
    "coprod_trust.integrate.trajectory",
    "coprod_trust.report.charts.draw",
)
FOR_DRAWING = ("coprod_trust.report.charts.draw",)
NEEDED_LATER = ("coprod_trust.integrate.step", "coprod_trust.report.step", "coprod_trust.store.step")
"""What later steps of the run itself need."""

# Modules make hundreds of thousands of objects that stay: looking through them for garbage every 700 new ones, as
# Python does by itself, takes a twelfth of a small run.
COLLECT_EVERY = 100_000


class _Process:
    """A process, and the one thread that talks to it. It ends by itself when this process ends, however it ends:
    nothing but this process holds the other end of its pipe."""

    def __init__(self, imports: tuple[str, ...], draws: bool) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, imports, draws), daemon=True)
        self._process.start()
        theirs.close()
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
            raise RuntimeError("a process beside the run has ended before its time; memory may be short") from None
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        self._talk.shutdown(wait=False, cancel_futures=True)
        self._process.terminate()
        self._process.join()
        self._connection.close()


class _Processes:
    """The process for statistics; and one for drawing, started when the run begins to wait for statistics: there may
    be no more than two cores."""

    def __init__(self) -> None:
        self.statistics = _Process(FOR_STATISTICS, draws=False)
        self.drawing: _Process | None = None
        self._turn = count()

    def start_drawing(self) -> None:
        self.drawing = self.drawing or _Process(FOR_DRAWING, draws=True)

    def drawer(self) -> _Process:
        """The two in turn: when there are charts to draw, the statistics are done."""
        return self.drawing if self.drawing is not None and next(self._turn) % 2 else self.statistics

    def close(self) -> None:
        for process in (self.statistics, self.drawing):
            if process is not None:
                process.close()


_beside: _Processes | None = None


@contextmanager
def processes() -> Iterator[None]:
    """Have the processes beside whatever runs inside."""
    global _beside
    gc.set_threshold(COLLECT_EVERY, 20, 100)
    _beside = _Processes()
    try:
        yield
    finally:
        _beside.close()
        _beside = None


def submit(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Call a function of a module in the process for statistics, in the order of submission; in place without one."""
    if _beside is not None:
        return _beside.statistics.submit(function, *args, **kwargs)
    return _in_place(function, *args, **kwargs)


def submit_drawing(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """The same for a chart, in either process."""
    if _beside is not None:
        return _beside.drawer().submit(function, *args, **kwargs)
    return _in_place(function, *args, **kwargs)


def prepare_meanwhile() -> None:
    """Start what later steps need: the process for drawing, imports and templates, while the statistics are computed;
    without a process for these, steps do so themselves."""
    if _beside is not None:
        _beside.start_drawing()
        for name in NEEDED_LATER:
            import_module(name)
        from coprod_trust.report.html import compile_template
        from coprod_trust.store import sql

        sql.compile_templates("published")
        compile_template()


def _in_place(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    future: Future[T] = Future()
    try:
        future.set_result(function(*args, **kwargs))
    except Exception as error:
        future.set_exception(error)
    return future


def _serve(connection: Connection, imports: tuple[str, ...], draws: bool) -> None:
    """Import, then answer until the other end is closed. Ctrl-C is the run's own to deal with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(COLLECT_EVERY, 20, 100)
    for name in imports:
        import_module(name)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        if draws:
            import_module("coprod_trust.report.charts.draw").warm_up()
        while True:
            _answer(connection)


def _answer(connection: Connection) -> None:
    function, args, kwargs = connection.recv()
    result: Any = None
    error: Exception | None = None
    try:
        result = function(*args, **kwargs)
    except Exception as caught:
        caught.add_note(f"in a process beside the run:\n{traceback.format_exc()}")
        error = caught
    try:
        message = pickle.dumps((result, error))
    except Exception:  # what cannot be sent is told by its kind and place
        error = RuntimeError(f"{type(error).__name__ if error else 'a result'} could not be sent")
        error.add_note(traceback.format_exc())
        message = pickle.dumps((None, error))
    connection.send_bytes(message)
