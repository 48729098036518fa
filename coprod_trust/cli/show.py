"""What the commands print. What people asked for goes to stdout, everything about it to stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coprod_trust.cli.folder import told

if TYPE_CHECKING:
    from coprod_trust.check import Checked
    from coprod_trust.errors import Reason, UserError
    from coprod_trust.ingest.problem import Problem

_WIDTH = 80
_WEIGHT = {"refuse": 0, "block": 1, "quarantine": 2, "warn": 3}
_MEANS = {
    "refuse": "refused: nothing of the file is used",
    "block": "blocked: the scale is not used in that wave",
    "quarantine": "quarantined: kept aside until someone decides",
    "warn": "warning: nothing is kept out for it",
}


def plain(text: object, width: int = _WIDTH) -> str:
    """A value out of a file for the terminal: no control characters, and cut where it is long."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
    return shown if len(shown) <= width else f"{shown[: width - 1]}…"


def as_json(data: object) -> str:
    """JSON as every command prints it: readable, text as written, dates as ISO 8601."""
    return json.dumps(data, indent=2, ensure_ascii=False, default=str)


def count(number: int, one: str, many: str | None = None) -> str:
    """``3 rows``, ``1 row``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def show_refusal(error: UserError) -> None:
    """Every reason of a refusal."""
    show_reasons(error.reasons)


def show_reasons(reasons: Iterable[Reason]) -> None:
    """The same reason at several places is told once, with the places."""
    places: dict[tuple[str, str], list[str]] = {}
    for reason in reasons:
        places.setdefault((reason.message, reason.fix), []).append(reason.where)
    for (message, fix), wheres in places.items():
        known = [w for w in wheres if w]
        if len(known) == 1:
            click.echo(f"{known[0]}: {message}", err=True)
        else:
            click.echo(message[:1].upper() + message[1:], err=True)
            for where in known:
                click.echo(f"    at: {where}", err=True)
        click.echo(f"    fix: {told(fix)}", err=True)


def show_defect(message: str, log: Path | None) -> None:
    """A defect of ours, where its traceback is, and what to do with it."""
    click.echo(f"A defect of coprod-trust, not a mistake of yours: {message.split('; the traceback')[0]}.", err=True)
    if log is None:
        click.echo("The traceback could not be written anywhere.", err=True)
        return
    click.echo(f"The last publication stays. The traceback is in {log}", err=True)
    click.echo("Before you pass that file on, look through it: it may quote values of your data.", err=True)


def problems_as_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """One object a problem, with the names of the published ``quarantine`` view where they mean the same."""
    return [
        {
            "problem_id": p.problem_id,
            "file": p.name,
            "wave": p.wave,
            "row_number": p.row_number,
            "column_name": p.column_name,
            "scale": p.scale,
            "rule": p.rule,
            "severity": str(p.severity),
            "message": p.message,
            "found": p.found,
            "expected": p.expected,
            "fix": p.fix,
            "suggestion": p.suggestion,
            "status": p.status,
        }
        for p in problems
    ]


def problem_lines(problems: Sequence[Problem], ids: bool) -> Iterable[str]:
    """Problems grouped by file and rule, the gravest first; with ``ids`` each has the id that ``release`` takes.

    Without ids, rows that share column, value, expectation and fix share a line.
    """
    for name, in_file in groupby(sorted(problems, key=_order), key=lambda p: p.name or "the study"):
        yield f"\n{name}"
        for (rule, severity, message, fix), same in groupby(in_file, key=_kind):
            yield f"  {message} [{rule}; {_MEANS[severity]}]"
            yield from (f"    {line}" for line in _places(list(same), ids))
            yield f"    fix: {told(fix)}"


def _order(p: Problem) -> tuple[Any, ...]:
    return (p.name or "", _WEIGHT[p.severity], p.rule, p.message, p.fix, p.row_number or 0, p.column_name or "")


def _kind(p: Problem) -> tuple[str, str, str, str]:
    return (p.rule, str(p.severity), p.message, p.fix)


def _places(problems: list[Problem], ids: bool) -> Iterable[str]:
    if ids:
        for p in problems:
            yield f"{p.problem_id}  {_place(p, [p.row_number] if p.row_number is not None else [])}"
        return
    merged: dict[tuple[str | None, ...], list[Problem]] = {}
    for p in problems:
        merged.setdefault((p.column_name, p.scale, p.found, p.expected, p.suggestion), []).append(p)
    for same in merged.values():
        yield _place(same[0], [p.row_number for p in same if p.row_number is not None])


def _place(p: Problem, rows: Sequence[int]) -> str:
    parts = []
    if rows:
        parts.append(f"row {rows[0]}" if len(set(rows)) == 1 else f"rows {_ranges(rows)}")
    if p.column_name:
        parts.append(f"column {plain(p.column_name)}")
    if p.scale and not p.column_name:
        parts.append(f"scale {p.scale}")
    said = []
    if p.found is not None:
        said.append(f"found {plain(p.found)}")
    if p.expected:
        said.append(f"expected {p.expected}")
    if p.suggestion:
        said.append(f"perhaps {plain(p.suggestion)}")
    return ": ".join(part for part in (", ".join(parts), "; ".join(said)) if part)


def _ranges(rows: Sequence[int]) -> str:
    """``2-5, 9`` of 2, 3, 4, 5, 9."""
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def checked_as_data(checked: Checked) -> dict[str, Any]:
    """What ``check --json`` prints."""
    reasons = [{"message": r.message, "fix": r.fix, "where": r.where} for r in checked.reasons]
    return {
        "wave": checked.wave,
        "refused": checked.refused,
        "reasons": reasons,
        "problems": problems_as_data(checked.problems),
    }


def summary(checked: Checked) -> str:
    """How many problems of each severity there are, and what a run would do."""
    problems = checked.problems
    verdict = "a run would refuse this" if checked.refused else "a run would go through"
    if not problems:
        return f"No problem in a row or file: {verdict}."
    numbers = {s: sum(str(p.severity) == s for p in problems) for s in _WEIGHT}
    said = ", ".join(f"{n:,} {s}" for s, n in numbers.items() if n)
    return f"\n{count(len(problems), 'problem')} ({said}): {verdict}."
