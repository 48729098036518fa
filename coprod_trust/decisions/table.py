"""Reads and appends the CSV of one kind of decision."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from coprod_trust.decisions.model import Decision
from coprod_trust.errors import Reason, StudyError, cannot_write
from coprod_trust.store.paths import StudyPaths

D = TypeVar("D", bound=Decision)


def path_of(root: Path, kind: type[Decision]) -> Path:
    """The file that holds the decisions of that kind."""
    return StudyPaths(root).decisions / f"{kind.kind}.csv"


def columns(kind: type[Decision]) -> list[str]:
    """The columns of that kind's file: what is decided first, then who, when, why."""
    own = [name for name in kind.model_fields if name not in Decision.model_fields]
    return [*own, *Decision.model_fields]


def read(root: Path, kind: type[D]) -> tuple[D, ...]:
    """Every decision of that kind, in the order in which they were made; none where the file is absent.

    Raises StudyError with one reason a wrong line. An empty cell is None.
    """
    return tuple(decision for _, decision in read_numbered(root, kind))


def read_numbered(root: Path, kind: type[D]) -> tuple[tuple[int, D], ...]:
    """The same, each with the line on which it ends, from 1."""
    path = path_of(root, kind)
    if not path.is_file():
        return ()
    reasons: list[Reason] = []
    decisions: list[tuple[int, D]] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise StudyError(Reason("not written in UTF-8", "save the file as CSV in UTF-8", str(path))) from None
    rows = csv.DictReader(io.StringIO(text), restkey="")
    unknown = sorted(set(rows.fieldnames or ()) - set(columns(kind)))
    if unknown:
        raise StudyError(
            Reason(
                f"unknown columns: {', '.join(unknown)}",
                f"the columns of {path.name} are: {', '.join(columns(kind))}",
                f"{path}:1",
            )
        )
    for row in rows:
        where = f"{path}:{rows.line_num}"
        if row.pop("", None):
            reasons.append(Reason("more cells than columns", "put quotes around a text that holds a comma", where))
            continue
        given = {k: v.strip() for k, v in row.items() if v is not None and v.strip()}
        if not given:
            continue
        try:
            decisions.append((rows.line_num, kind.model_validate(given)))
        except ValidationError as error:
            reasons += [_reason(e, where) for e in error.errors(include_url=False, include_input=False)]
    if reasons:
        raise StudyError(*reasons)
    return tuple(decisions)


def append(root: Path, decision: Decision) -> Path:
    """Add a decision at the end of its file, which is made where it is absent; returns the file.

    The line is written and synced at once, so an interruption leaves either none of it or all. A file from before some
    of the columns were there gets them first. Raises StorageError where the folder cannot be written, StudyError where
    the file has columns that no decision of that kind has.
    """
    kind = type(decision)
    path = path_of(root, kind)
    read(root, kind)
    values = decision.model_dump(mode="json")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.read_bytes() if path.is_file() else b""
        header = next(csv.reader(io.StringIO(old.decode("utf-8-sig"))), None) or columns(kind)
        if any(v is not None and k not in header for k, v in values.items()):
            old, header = _widened(path, old, kind), columns(kind)
        line = io.StringIO()
        writer = csv.DictWriter(line, header, lineterminator="\n", extrasaction="ignore")
        if not old.strip():
            writer.writeheader()
        elif not old.endswith(b"\n"):
            line.write("\n")
        writer.writerow({k: "" if v is None else v for k, v in values.items()})
        _add(path, line.getvalue().encode("utf-8"), len(old))
    except OSError as error:
        raise cannot_write(error, path) from None
    return path


def _widened(path: Path, old: bytes, kind: type[Decision]) -> bytes:
    """The file with every column of its kind and the lines as they are; in the place of the old one, as a whole."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns(kind), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(csv.DictReader(io.StringIO(old.decode("utf-8-sig"))))
    new = text.getvalue().encode("utf-8")
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as handle:
        handle.write(new)
        os.fsync(handle.fileno())
    aside.replace(path)
    return new


def _add(path: Path, line: bytes, size: int) -> None:
    """Write the line after the ``size`` bytes that are there; where the disk is full, none of it stays."""
    with path.open("ab", buffering=0) as handle:
        try:
            written = 0
            while written < len(line):
                written += handle.write(line[written:])
            os.fsync(handle.fileno())
        except OSError:
            handle.truncate(size)
            if not size:  # an empty file would be a change of the study
                path.unlink()
            raise


def _reason(error: object, where: str) -> Reason:
    assert isinstance(error, dict)
    field = ".".join(str(p) for p in error["loc"]) or "the line"
    if error["type"] == "missing":
        return Reason(f"{field} is missing", f"fill in the column {field}", where)
    return Reason(f"{field}: {error['msg'].removeprefix('Value error, ')}", "correct that line", where)
