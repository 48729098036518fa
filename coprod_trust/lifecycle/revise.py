"""A revision: a file that was imported is replaced by another, on record; the old one stays in the archive."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from coprod_trust import clock
from coprod_trust.decisions import Revision, append, read
from coprod_trust.errors import Reason, UsageError, cannot_write
from coprod_trust.ingest import archive
from coprod_trust.ingest.catalogue import severities
from coprod_trust.ingest.intake import KIND, Intake, intakes
from coprod_trust.ingest.layout import key_of, lay_out
from coprod_trust.ingest.readers import Staged, stage, wave_values
from coprod_trust.lifecycle.staged import ids_of, must_be_given
from coprod_trust.store import StudyPaths, open_memory, sql, study_lock
from coprod_trust.study import Study, load_study
from coprod_trust.study.ids import normalise


@dataclass(frozen=True)
class Revised:
    """What is different in the new file, counted in people and cells of people who are in both."""

    path: str
    people_added: int
    people_gone: int
    cells_changed: int
    columns_changed: tuple[str, ...]
    columns_added: tuple[str, ...]
    columns_gone: tuple[str, ...]

    def lines(self) -> list[str]:
        """For a person."""
        changed = f" in {', '.join(self.columns_changed)}" if self.columns_changed else ""
        lines = [
            f"{self.path}: {self.people_added} people added, {self.people_gone} gone, "
            f"{self.cells_changed} cells changed{changed}."
        ]
        if self.columns_added or self.columns_gone:
            added, gone = (", ".join(names) or "none" for names in (self.columns_added, self.columns_gone))
            lines.append(f"Columns added: {added}; gone: {gone}.")
        return lines


def revise(root: Path, path: str, who: str, why: str, replacement: Path | None = None) -> Revised:
    """Record in decisions/revision.csv that a file may have other content than when it was imported.

    ``path`` lies in the study's folder. The new content is ``replacement``, which is copied there, or what lies there
    now. Raises UsageError where the file is none of a wave's or is the one that was imported, FileRefused where it
    cannot be read, Busy where a run holds the study.
    """
    study, paths = load_study(root), StudyPaths(root)
    must_be_given(who=who, why=why)
    with study_lock(paths):
        intake = _intake(paths, study, path)
        received = [e for e in archive.entries(paths) if e.kind == KIND and (e.path, e.wave) == (path, intake.wave)]
        source = replacement or root / path
        if not source.is_file():
            raise UsageError(
                Reason("there is no such file", "put the revised file there, or name it with --with", path)
            )
        sha256 = archive.hash_of(source)
        if not received:
            raise UsageError(
                Reason("this file was never imported, so nothing is revised", f"run the study: {root}", path)
            )
        current = _current(root, path, received)
        if sha256 == current:
            raise UsageError(Reason("that is the content in use", "name the revised file with --with", path))
        found = _compare(paths, study, intake, current, source)
        archive.keep(paths, source)
        if replacement is not None:
            _put(replacement, root / path)
        append(root, Revision(who=who, when=clock.now(), why=why, path=path, sha256=sha256))
    return found


def _intake(paths: StudyPaths, study: Study, path: str) -> Intake:
    for wave in study.waves:
        for intake in intakes(paths, study, wave):
            if intake.name == path:
                return intake
    names = sorted({i.name for w in study.waves for i in intakes(paths, study, w)})
    raise UsageError(Reason("no wave reads such a file", f"name one of: {', '.join(names)}", path))


def _current(root: Path, path: str, received: list[archive.Entry]) -> str:
    """The content in use: the one declared last, else the one imported first."""
    declared = [r.sha256 for r in read(root, Revision) if r.path == path]
    imported = {e.sha256 for e in received}
    return next((s for s in reversed(declared) if s in imported), received[0].sha256)


def _put(source: Path, target: Path) -> None:
    aside = target.with_name(f".{target.name}.new")
    try:
        shutil.copyfile(source, aside)
        with aside.open("rb") as handle:
            os.fsync(handle.fileno())
        aside.replace(target)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise cannot_write(error, target, what="cannot put the file there") from None


def _compare(paths: StudyPaths, study: Study, intake: Intake, old: str, new: Path) -> Revised:
    with open_memory(paths) as con:
        before = _stage(con, study, intake, archive.kept_path(paths, old), old)
        after = _stage(con, study, intake, new, archive.hash_of(new))
        rows = [_by_person(con, study, intake, staged) for staged in (before, after)]
    columns = [{key_of(c.name): c.name for c in staged.columns} for staged in (before, after)]
    shared = [k for k in columns[0] if k in columns[1]]
    changed: dict[str, int] = {}
    for person in rows[0].keys() & rows[1].keys():
        for key in shared:
            if rows[0][person].get(key) != rows[1][person].get(key):
                changed[columns[1][key]] = changed.get(columns[1][key], 0) + 1
    return Revised(
        intake.name,
        len(rows[1].keys() - rows[0].keys()),
        len(rows[0].keys() - rows[1].keys()),
        sum(changed.values()),
        tuple(sorted(changed)),
        tuple(n for k, n in columns[1].items() if k not in columns[0]),
        tuple(n for k, n in columns[0].items() if k not in columns[1]),
    )


def _stage(con: duckdb.DuckDBPyConnection, study: Study, intake: Intake, path: Path, sha256: str) -> Staged:
    return stage(
        con, path, intake.hints, name=intake.name, wave=intake.wave, kind=KIND, sha256=sha256,
        severities=severities(study), id_column=study.ids.column, known_waves=wave_values(study, intake.hints),
        as_view=False,
    )  # fmt: skip


def _by_person(
    con: duckdb.DuckDBPyConnection, study: Study, intake: Intake, staged: Staged
) -> dict[str, dict[str, str | None]]:
    """Per person the cells of the last row, by column; rows without an id count by their number."""
    layout = lay_out(study, intake.wave, intake.hints, staged.columns)
    people = dict(ids_of(con, staged.table, layout))
    names = ", ".join(sql.ident(c.name) for c in staged.columns)
    rows = con.execute(f"SELECT row_number, {names} FROM {staged.table} ORDER BY row_number").fetchall()
    keys = [key_of(c.name) for c in staged.columns]
    return {
        normalise(study.ids, people.get(number)) or f"row {number}": dict(zip(keys, cells, strict=True))
        for number, *cells in rows
    }
