"""A clean study of a dozen people, and hands to dirty it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coprod_trust.ingest.problem import Problem
from coprod_trust.ingest.step import inspect, run_step
from coprod_trust.steps import Context
from coprod_trust.store import StudyPaths, open_work
from tests.studies import STUDY_YAML, answers, write_csv

Rows = list[dict[str, str]]


@dataclass
class Case:
    """Rows per wave as they will be written, and study.yaml as text; change them, then ask."""

    root: Path
    n: int = 14
    yaml: str = STUDY_YAML
    waves: dict[str, Rows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.waves = answers(self.n)

    def set(self, wave: str, row: int, /, **cells: str) -> Case:
        """Change cells of a row, counted as in the file (the first data row is 2)."""
        self.waves[wave][row - 2].update(cells)
        return self

    def each(self, wave: str, change: Callable[[int, dict[str, str]], Any]) -> Case:
        """Change every row of a wave; the function gets the row's number and the row."""
        for i, row in enumerate(self.waves[wave]):
            change(i + 2, row)
        return self

    def replace(self, old: str, new: str) -> Case:
        """Change study.yaml."""
        assert old in self.yaml, old
        self.yaml = self.yaml.replace(old, new)
        return self

    def declare(self, more: str) -> Case:
        """Add top-level settings to study.yaml."""
        self.yaml += more
        return self

    def write(self) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "study.yaml").write_text(self.yaml, encoding="utf-8")
        for wave, rows in self.waves.items():
            write_csv(self.root / "waves" / f"{wave}.csv", rows)
        return self.root

    def problems(self, wave: str | None = None) -> list[Problem]:
        return list(inspect(self.write(), wave).problems)

    def rules(self) -> set[str]:
        return {p.rule for p in self.problems()}

    def of(self, rule: str) -> list[Problem]:
        """The problems of one rule; each says where, what was expected and how to mend it."""
        found = [p for p in self.problems() if p.rule == rule]
        for p in found:
            assert p.message
            assert p.expected
            assert p.fix
            assert not p.found or len(p.found) < 3 or p.found not in p.message
        return found

    def run(self, wave: str = "w3") -> dict[str, int]:
        return dict(run_step(Context(self.write(), wave, "run")))

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the working database after a run."""
        with open_work(StudyPaths(self.root)) as con:
            return con.execute(statement).fetchall()
