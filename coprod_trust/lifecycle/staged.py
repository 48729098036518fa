"""The files of a study as tables, on a connection that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from coprod_trust.errors import Reason, UsageError
from coprod_trust.ingest import run
from coprod_trust.ingest.layout import Layout, key_of
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.store import StudyPaths, open_memory, sql
from coprod_trust.study import Severity, Study
from coprod_trust.study.ids import normalise


@dataclass(frozen=True)
class Desk:
    """A study's survey files, opened."""

    con: duckdb.DuckDBPyConnection
    study: Study
    parts: tuple[Part, ...]

    def of(self, wave: str) -> tuple[Part, ...]:
        return tuple(p for p in self.parts if p.wave == wave)

    def rows_of(self, part: Part, participant: str) -> list[int]:
        """The numbers of the rows of a person, whose id is compared as the study says."""
        wanted = normalise(self.study.ids, participant)
        return [n for n, raw in ids_of(self.con, part.staged.table, part.layout) if same(self.study, raw, wanted)]

    def has_row(self, part: Part, row_number: int) -> bool:
        found = self.con.execute(
            f"SELECT count(*) FROM {part.staged.table} WHERE row_number = $row", {"row": row_number}
        ).fetchone()
        return bool(found and found[0])


def same(study: Study, raw: str | None, wanted: str) -> bool:
    """Whether an id as typed is that normalised id."""
    return normalise(study.ids, raw) == wanted


def ids_of(con: duckdb.DuckDBPyConnection, table: str, layout: Layout) -> list[tuple[int, str | None]]:
    """Row number and id as typed, of every row."""
    use = layout.of("id")
    if use is None:
        return []
    return con.execute(f"SELECT row_number, {sql.ident(use.name)} FROM {table} ORDER BY row_number").fetchall()


def column_of(part: Part, name: str) -> str | None:
    """The column as the file writes it; None where the file has none of that name."""
    return next((c.name for c in part.staged.columns if key_of(c.name) == key_of(name)), None)


@contextmanager
def opened(root: Path, study: Study, wave: str) -> Iterator[Desk]:
    """The files of the waves up to ``wave``. Raises FileRefused for one that cannot be read at all."""
    with open_memory(StudyPaths(root)) as con:
        prepared = run.prepare(con, StudyPaths(root), study, wave, keep=False)
        unreadable = [p for p in prepared.problems if p.severity is Severity.REFUSE and p.rule != "file-changed"]
        if unreadable:
            raise FileRefused(*unreadable)
        yield Desk(con, study, prepared.parts)


def must_be_given(**given: str) -> None:
    """Raises UsageError for the first of these that is empty."""
    for name, text in given.items():
        if not text.strip():
            raise UsageError(Reason(f"--{name} is empty", "say who decides, and why"))
