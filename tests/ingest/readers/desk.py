"""Reads a file as the gate does, for tests."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb
import pytest

from coprod_trust.ingest.archive import hash_of
from coprod_trust.ingest.problem import FileRefused, Problem
from coprod_trust.ingest.readers import Staged, clear, stage
from coprod_trust.study import File, Severity


class Desk:
    """Stages files one after another on one connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def stage(
        self,
        path: Path,
        severities: dict[str, Severity | None] | None = None,
        known_waves: Collection[str] | None = None,
        **hints: object,
    ) -> Staged:
        """Stage a file; what an earlier one left is dropped first."""
        clear(self.con)
        return stage(
            self.con,
            path,
            File.model_validate({"path": "waves/x", **hints}),
            name=f"waves/{path.name}",
            wave="w1",
            kind="survey",
            sha256=hash_of(path),
            severities=severities,
            id_column="pid",
            known_waves=known_waves,
        )

    def rows(self, staged: Staged) -> list[tuple[object, ...]]:
        """Rows in order, the number of the row first."""
        return self.con.execute(f"SELECT * FROM {staged.table} ORDER BY row_number").fetchall()

    def refused(self, path: Path, rule: str, **hints: object) -> Problem:
        """The problem of that rule, for which the file must be refused."""
        with pytest.raises(FileRefused) as error:
            self.stage(path, **hints)  # type: ignore[arg-type]
        found = [p for p in error.value.problems if p.rule == rule]
        assert found, [p.rule for p in error.value.problems]
        problem = found[0]
        assert problem.severity is Severity.REFUSE
        assert problem.name == f"waves/{path.name}"
        assert problem.message
        assert problem.expected
        assert problem.fix
        return problem


def problem(staged: Staged, rule: str) -> Problem:
    """The one problem of that rule."""
    found = [p for p in staged.problems if p.rule == rule]
    assert len(found) == 1, [(p.rule, p.message) for p in staged.problems]
    assert found[0].fix
    assert found[0].name == staged.name
    return found[0]


def rules(staged: Staged) -> set[str]:
    """The rules that had something to say."""
    return {p.rule for p in staged.problems}
