"""What a rule of the catalogue says about a file, a scale, a row or a cell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from coprod_trust.errors import Reason, Refused
from coprod_trust.study import Severity

Scope = Literal["file", "scale", "row", "cell", "column", "study"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where, what was expected and how to mend it.

    ``found`` and ``suggestion`` may hold what identifies a person: they are shown by ``check`` and ``quarantine`` and
    kept in work/, and appear in no message, log, exception or published file.
    """

    rule: str
    severity: Severity
    scope: Scope
    message: str
    expected: str
    fix: str
    source_id: str | None = None
    name: str | None = None
    wave: str | None = None
    row_number: int | None = None
    column_name: str | None = None
    scale: str | None = None
    found: str | None = field(default=None, repr=False)
    suggestion: str | None = field(default=None, repr=False)
    status: Literal["open", "released", "corrected"] = "open"

    @property
    def problem_id(self) -> str:
        """Eight characters by which a person names it on the command line; the same at every run."""
        key = "\x1f".join(
            str(part)
            for part in (self.source_id, self.name, self.wave, self.row_number, self.column_name, self.scale, self.rule)
        )
        return hashlib.sha256(key.encode()).hexdigest()[:8]

    def as_row(self) -> tuple[object, ...]:
        """The values of a row of ``problem``, in the order of its columns."""
        return (self.problem_id, self.source_id, self.name, self.wave, self.row_number, self.column_name, self.rule,
                self.severity.value, self.scope, self.scale, self.found, self.message, self.expected, self.fix,
                self.suggestion, self.status)  # fmt: skip

    @property
    def where(self) -> str:
        """File, row and column, as far as known."""
        parts = [self.name or "study"]
        if self.row_number is not None:
            parts.append(f"row {self.row_number}")
        if self.column_name is not None:
            parts.append(f"column {self.column_name}")
        return ", ".join(parts)


class LateRefusal(Exception):
    """A file that was taken for tidy by its bytes turned out not to be while it was read: read it record by record."""


class FileRefused(Refused):
    """Refused by rules of the catalogue; ``problems`` says which, for the record. Messages hold no value found."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(*(Reason(f"{p.message}; expected: {p.expected} [{p.rule}]", p.fix, p.where) for p in problems))

    def __reduce__(self) -> tuple[Any, ...]:
        # What is pickled may be stored elsewhere: no value found goes along.
        return type(self), tuple(replace(p, found=None, suggestion=None) for p in self.problems)
