"""How a run shows what it is doing: a live line on a terminal, one plain line a step elsewhere. Always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import click

if TYPE_CHECKING:
    from rich.progress import TaskID

    from coprod_trust.steps import Step


class Progress(Protocol):
    """Told when a step begins and when it has ended, with what it counted."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def waiting(self, what: str) -> None:
        """Something goes before the first step."""

    def on_step(self, step: Step, phase: str, counts: Mapping[str, int] | None) -> None:
        """``phase`` is "started" or "finished"."""


def progress() -> Progress:
    """The display that fits where stderr goes."""
    return LiveProgress() if sys.stderr.isatty() else PlainProgress()


def _counted(counts: Mapping[str, int]) -> str:
    from coprod_trust.kept import is_kept

    if is_kept(counts):
        return "kept, as nothing it reads has changed"
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number)


class PlainProgress:
    """One line a step, when it has ended."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def waiting(self, what: str) -> None:
        click.echo(what, err=True)

    def on_step(self, step: Step, phase: str, counts: Mapping[str, int] | None) -> None:
        if phase == "started":
            self._began = time.monotonic()
            return
        seconds = time.monotonic() - self._began
        click.echo(f"{step.title}: {_counted(counts or {}) or 'done'} ({seconds:.1f} s)", err=True)


class LiveProgress:
    """A live line for the step at work, a tick for each that is done."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as RichProgress
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        self._rich = RichProgress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            TextColumn("[dim]{task.fields[counted]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rich.stop()

    def waiting(self, what: str) -> None:
        self._tasks["waiting"] = self._rich.add_task(what, total=1, counted="")

    def on_step(self, step: Step, phase: str, counts: Mapping[str, int] | None) -> None:
        waiting = self._tasks.pop("waiting", None)
        if waiting is not None:
            self._rich.update(waiting, completed=1)
        if phase == "started":
            self._tasks[step.name] = self._rich.add_task(step.title, total=1, counted="")
        else:
            self._rich.update(self._tasks[step.name], completed=1, counted=_counted(counts or {}))
