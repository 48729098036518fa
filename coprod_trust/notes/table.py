"""A table of the notes, row by row, and what the rules had to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coprod_trust.ingest.catalogue import RULES, severities
from coprod_trust.ingest.ledger import NEEDS_VALUE
from coprod_trust.ingest.problem import Problem
from coprod_trust.study import Severity, Study


@dataclass(frozen=True)
class Row:
    """One row; a cell that is blank or not in the file reads as an empty text."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def blank(self) -> bool:
        return not any(self.cells.values())


@dataclass(frozen=True)
class Table:
    """A file of the notes as read. ``rows`` holds every row under the header, blank ones included."""

    kind: str
    name: str
    source_id: str
    sha256: str
    format: str
    header_row: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass
class Tally:
    """What became of the rows of one file: rows_in is the sum of the others."""

    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    blank: int = 0
    withdrawn: int = 0
    later: int = 0  # rows of waves after the one that is run: not part of this run, so not counted as rows in

    @property
    def rows_in(self) -> int:
        return self.accepted + self.quarantined + self.duplicates + self.blank + self.withdrawn


@dataclass
class Reporter:
    """Collects problems with the severities that the study sets. ``released`` are ids of problems that a person let
    in."""

    study: Study
    released: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._severities = severities(self.study)

    def add(
        self,
        rule: str,
        table: Table,
        *,
        message: str,
        expected: str,
        fix: str,
        row: int | None = None,
        column: str | None = None,
        found: str | None = None,
        suggestion: str | None = None,
    ) -> bool:
        """Record a problem; whether the row must stay out. A rule that is switched off records nothing."""
        severity = self._severities[rule]
        if severity is None:
            return False
        problem = Problem(
            rule=rule,
            severity=severity,
            scope=RULES[rule].scope,
            message=message,
            expected=expected,
            fix=fix,
            source_id=table.source_id,
            name=table.name,
            row_number=row,
            column_name=column,
            found=found,
            suggestion=suggestion,
        )
        let_in = severity is Severity.QUARANTINE and problem.problem_id in self.released and rule not in NEEDS_VALUE
        self.problems.append(replace(problem, status="released") if let_in else problem)
        return severity in (Severity.QUARANTINE, Severity.REFUSE) and not let_in

    def severity(self, rule: str) -> Severity | None:
        """What the study says of the rule; None where it is switched off."""
        return self._severities[rule]

    @property
    def refusals(self) -> list[Problem]:
        return [p for p in self.problems if p.severity is Severity.REFUSE]
