"""Collects what the readers have to say about a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from coprod_trust.ingest.catalogue import RULES
from coprod_trust.ingest.problem import FileRefused, Problem
from coprod_trust.study import Severity


class Report:
    """Problems of one file, each with the severity that the study gives its rule.

    ``severities`` comes from ``catalogue.severities``; a rule that is not in it has its default.
    """

    def __init__(
        self, name: str, wave: str | None, source_id: str, severities: Mapping[str, Severity | None] | None = None
    ) -> None:
        self.name = name
        self.wave = wave
        self.source_id = source_id
        self._severities = severities or {}
        self._problems: list[Problem] = []

    def add(
        self,
        rule: str,
        message: str,
        expected: str,
        fix: str,
        *,
        row: int | None = None,
        column: str | None = None,
        found: str | None = None,
    ) -> None:
        """Note a problem, unless the study switched its rule off. ``found`` alone may hold a value of the file."""
        severity = self._severities.get(rule, RULES[rule].severity)
        if severity is not None:
            self._problems.append(self._problem(rule, severity, message, expected, fix, row, column, found))

    def refuse(
        self,
        rule: str,
        message: str,
        expected: str,
        fix: str,
        *,
        row: int | None = None,
        column: str | None = None,
        found: str | None = None,
    ) -> NoReturn:
        """Stop here: the file cannot be read any further. Raises FileRefused with everything that refuses so far."""
        self._problems.append(self._problem(rule, Severity.REFUSE, message, expected, fix, row, column, found))
        raise FileRefused(*(p for p in self._problems if p.severity is Severity.REFUSE))

    def finish(self) -> tuple[Problem, ...]:
        """What was noted; raises FileRefused where any of it refuses the file."""
        refused = [p for p in self._problems if p.severity is Severity.REFUSE]
        if refused:
            raise FileRefused(*refused)
        return tuple(self._problems)

    def _problem(
        self,
        rule: str,
        severity: Severity,
        message: str,
        expected: str,
        fix: str,
        row: int | None,
        column: str | None,
        found: str | None,
    ) -> Problem:
        return Problem(
            rule=rule,
            severity=severity,
            scope=RULES[rule].scope,
            message=message,
            expected=expected,
            fix=fix,
            source_id=self.source_id,
            name=self.name,
            wave=self.wave,
            row_number=row,
            column_name=column,
            found=found,
        )
