"""A correction: another value for one cell, on record; the file itself is never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coprod_trust import clock
from coprod_trust.decisions import Correction, append, read
from coprod_trust.errors import Reason, UsageError
from coprod_trust.ingest.part import Part
from coprod_trust.lifecycle.staged import Desk, column_of, must_be_given, opened
from coprod_trust.study import load_study
from coprod_trust.study.ids import normalise


@dataclass(frozen=True)
class Cell:
    """The cell that a correction is about: by person, or by file (its path in the study's folder) and row."""

    wave: str
    column: str
    participant: str | None = None
    file: str | None = None
    row: int | None = None


def correct(root: Path, cell: Cell, value: str | None, who: str, why: str) -> Path:
    """Record another value for a cell (None: it becomes blank) in decisions/correction.csv; returns that file.

    Raises UsageError where there is no such cell, where several rows are meant, or where the same was decided before.
    """
    study = load_study(root)
    must_be_given(who=who, why=why)
    if cell.wave not in study.wave_ids:
        raise UsageError(Reason(f"there is no wave {cell.wave}", f"choose one of: {', '.join(study.wave_ids)}"))
    if (cell.participant is None) == (cell.row is None):
        raise UsageError(Reason("which row is meant?", "give --participant, or --row (with --file where needed)"))
    with opened(root, study, cell.wave) as desk:
        part, column = _place(desk, cell)
    participant = normalise(study.ids, cell.participant) if cell.participant is not None else None
    decision = Correction(
        who=who, when=clock.now(), why=why, wave=cell.wave, column=column, value=value, participant_id=participant,
        sha256=part.staged.sha256[:16] if cell.row is not None or cell.file else None, row_number=cell.row,
    )  # fmt: skip
    if any(_same(decision, earlier) for earlier in read(root, Correction)[-1:]):
        raise UsageError(Reason("this correction was recorded just before", "run the study to use it"))
    return append(root, decision)


def _same(a: Correction, b: Correction) -> bool:
    left_out = {"who", "when", "why"}
    return a.model_dump(exclude=left_out) == b.model_dump(exclude=left_out)


def _place(desk: Desk, cell: Cell) -> tuple[Part, str]:
    """The one file and column of the cell."""
    parts = [p for p in desk.of(cell.wave) if cell.file in (None, p.name)]
    if not parts:
        names = ", ".join(p.name for p in desk.of(cell.wave)) or "none yet"
        raise UsageError(Reason(f"wave {cell.wave} has no such file", f"name one of its files: {names}", "--file"))
    with_column = [(p, c) for p in parts if (c := column_of(p, cell.column)) is not None]
    if not with_column:
        raise UsageError(
            Reason(
                f"the files of wave {cell.wave} have no such column",
                "write the column as it stands in the file",
                "--column",
            )
        )
    return _one(desk, cell, with_column)


def _one(desk: Desk, cell: Cell, places: Sequence[tuple[Part, str]]) -> tuple[Part, str]:
    if cell.row is not None:
        found = [(p, c) for p, c in places if desk.has_row(p, cell.row)]
        what = f"row {cell.row}"
    else:
        rows = [(p, c, desk.rows_of(p, str(cell.participant))) for p, c in places]
        found = [(p, c) for p, c, numbers in rows if numbers]
        what = "a row of that person"
        twice = next((numbers for _, _, numbers in rows if len(numbers) > 1), None)
        if twice:
            raise UsageError(
                Reason(f"rows {', '.join(map(str, twice))} are of that person", "name one of them with --row")
            )
    if not found:
        raise UsageError(Reason(f"the files of wave {cell.wave} do not have {what}", "check it in the file"))
    if len(found) > 1:
        names = ", ".join(p.name for p, _ in found)
        raise UsageError(Reason(f"several files of the wave have {what}: {names}", "name the file with --file"))
    return found[0]
