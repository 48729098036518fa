"""Runs the benchmarks and prints one table."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = HERE / "out"


@dataclass(frozen=True)
class Measurement:
    """One line of the table: ours beside something else, or against a limit.

    With ``reference``, ``limit`` bounds ours / reference; without, it bounds ``ours`` itself. ``limit`` None: a figure
    to know, not a promise. ``missing`` says why there is no figure.
    """

    name: str
    ours: float | None
    unit: str = "s"
    reference: float | None = None
    against: str = ""
    limit: float | None = None
    missing: str = ""

    @property
    def ratio(self) -> float | None:
        if self.ours is None or not self.reference:
            return None
        return self.ours / self.reference

    @property
    def kept(self) -> bool | None:
        """Whether the limit was kept; None where there is no limit or no figure."""
        value = self.ratio if self.against else self.ours
        return None if value is None or self.limit is None else value <= self.limit


@dataclass(frozen=True)
class Process:
    """A command that has ended: wall seconds, seconds of processor time over all cores and child processes, and the
    peak memory of the largest of its processes in MB."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    stdout: str


def timed(command: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Process:
    """Run a command to its end and measure it. Raises RuntimeError with its stderr where it fails."""
    began = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - commands of the benchmarks themselves
        [str(c) for c in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=(OUT / "stderr.txt").open("w"),
        text=True,
    ) as process:
        assert process.stdout is not None
        stdout = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {(OUT / 'stderr.txt').read_text()[-2000:]}")
    peak = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    return Process(seconds, usage.ru_utime + usage.ru_stime, peak, stdout)


def fastest(runs: Iterable[Process]) -> Process:
    """The run that the rest of the machine disturbed least."""
    return min(runs, key=lambda p: p.seconds)


def table(measurements: Sequence[Measurement]) -> Iterable[str]:
    """The table as lines of text."""

    def figure(value: float | None, unit: str = "") -> str:
        if value is None:
            return ""
        return (
            f"{value:,.2f}{' ' + unit if unit else ''}" if value < 100 else f"{value:,.0f}{' ' + unit if unit else ''}"
        )

    rows = [("what", "ours", "reference", "ratio", "limit", "")]
    for m in measurements:
        beside = f"{figure(m.reference, m.unit)} {m.against}" if m.reference is not None else m.against
        verdict = {True: "kept", False: "NOT KEPT", None: ""}[m.kept]
        limit = f"{m.limit:g}{'x' if m.against else ' ' + m.unit}" if m.limit is not None else ""
        rows.append((m.name, figure(m.ours, m.unit), beside, figure(m.ratio), limit, m.missing or verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def main(names: Sequence[str]) -> int:
    """Run the benchmarks named, or all; 1 where a limit was not kept."""
    OUT.mkdir(exist_ok=True)
    known = sorted(m.name for m in iter_modules([str(HERE)]) if m.name not in {"run", "__main__"})
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.stderr.write(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(known)}\n")
        return 2
    measurements: list[Measurement] = []
    for name in names or known:
        measure = getattr(import_module(f"bench.{name}"), "measure", None)
        if measure is not None:
            sys.stderr.write(f"{name} ...\n")
            measurements += measure()
    sys.stdout.write(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}\n\n")
    sys.stdout.writelines(f"{line}\n" for line in table(measurements))
    return 1 if any(m.kept is False for m in measurements) else 0
