"""Where every rule writes down what it found, and where it is decided which rows and cells that holds back.

Rules only report. A problem with the severity 'quarantine' holds its row or cell back unless it was released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from coprod_trust.decisions import Release
from coprod_trust.ingest.catalogue import RULES
from coprod_trust.ingest.problem import Problem
from coprod_trust.store import sql
from coprod_trust.study import Severity

_FIELDS = (
    "source_id", "name", "wave", "row_number", "column_name", "rule", "severity", "scope", "scale", "found", "message",
    "expected", "fix", "suggestion",
)  # fmt: skip

LISTED = 1000  # rows of one warning that are listed one by one; the rest is counted
# Rules that a number's code breaks by itself, wherever in the column it stands.
CODE_RULES = frozenset(
    {"out-of-range", "text-unmapped", "answer-ambiguous", "decimals", "zero-as-missing", "weight-negative"}
)
# What cannot be used as it is: releasing it takes a value.
NEEDS_VALUE = CODE_RULES | frozenset(
    {
        "date-impossible", "id-missing", "id-scientific", "formula-without-value",
        "code-unknown", "segment-without-wave", "segment-id-ambiguous", "offsets-outside", "offsets-text-differs",
        "code-split", "stance-finding-unknown", "stance-unknown",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Wording:
    """What a rule says: what is wrong (without the value), what was expected, and how to mend it."""

    message: str
    expected: str
    fix: str


class Ledger:
    """The temporary table ``noticed`` of one run, on one connection."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        severities: Mapping[str, Severity | None],
        releases: Iterable[Release] = (),
    ) -> None:
        self.con = con
        self.severities = severities
        sql.run(con, "checks/ledger")
        self._released = {r.problem_id for r in releases if r.value is None}
        for problem_id in sorted(self._released):
            con.execute("INSERT INTO released VALUES (?)", [problem_id])

    def note(self, *problems: Problem) -> None:
        """Write down single problems; their severity is as given."""
        if problems:
            marks = ", ".join("?" * len(_FIELDS))
            self.con.executemany(
                f"INSERT INTO noticed ({', '.join(_FIELDS)}, status) VALUES ({marks}, ?)",
                [[*(_plain(getattr(p, f)) for f in _FIELDS), self._status(p)] for p in problems],
            )

    def _status(self, problem: Problem) -> str:
        let_in = problem.rule not in NEEDS_VALUE and problem.problem_id in self._released
        return "released" if problem.status == "open" and let_in else problem.status

    def tell(self, rule: str, wording: Wording, **where: Any) -> None:
        """Write down one problem of a rule, unless the study switched the rule off."""
        severity = self.severities[rule]
        if severity is not None:
            self.note(
                Problem(
                    rule=rule,
                    severity=severity,
                    scope=RULES[rule].scope,
                    message=wording.message,
                    expected=wording.expected,
                    fix=wording.fix,
                    **where,
                )
            )

    def check(
        self, rule: str, query: str, wording: Wording, bind: Mapping[str, Any] | None = None, **names: Any
    ) -> None:
        """Run ``sql/checks/<query>.sql`` and write down each row that it returns.

        The query returns source_id, row_number, column_name, scale, found, suggestion.
        """
        severity = self.severities[rule]
        if severity is None:
            return
        found = sql.run(self.con, "checks/find", bind, query=f"checks/{query}.sql", **names).fetchone()
        if not found or not found[0]:
            return
        words = {"message": wording.message, "expected": wording.expected, "fix": wording.fix}
        sql.run(
            self.con,
            "checks/note",
            {
                **words,
                "rule": rule,
                "severity": severity.value,
                "scope": RULES[rule].scope,
                "may_release": rule not in NEEDS_VALUE,
            },
            cap=LISTED if severity is Severity.WARN else None,
        )

    def problems(self) -> list[Problem]:
        """Everything noticed, in the order of files, rows and columns."""
        rows = self.con.execute(
            f"SELECT {', '.join(_FIELDS)}, status FROM noticed "
            "ORDER BY wave NULLS FIRST, name NULLS FIRST, row_number NULLS FIRST, column_name NULLS FIRST, rule"
        ).fetchall()
        return [
            Problem(**{**dict(zip((*_FIELDS, "status"), row, strict=True)), "severity": Severity(row[6])})
            for row in rows
        ]

    def refusals(self) -> list[Problem]:
        return [p for p in self.problems() if p.severity is Severity.REFUSE]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Severity) else value
