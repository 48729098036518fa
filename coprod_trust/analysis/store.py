"""Writing the findings into the working database; the only place here that changes a table."""

from __future__ import annotations

from dataclasses import asdict, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from coprod_trust.analysis.design import Rows
from coprod_trust.analysis.designs import DESIGNS
from coprod_trust.analysis.finding import Estimate, Finding
from coprod_trust.store import columns_of, insert_rows, transaction

if TYPE_CHECKING:
    import duckdb

    from coprod_trust.analysis.compute import Results

_NOT_COPIED = ("role", "statistic_name", "ci_level", "verdict", "declined", "note")
_OF_PRIMARY = tuple(f.name for f in fields(Estimate) if f.name not in _NOT_COPIED)
_TABLES = ("reliability", "wave_mean", "finding", "estimate")


def write(con: duckdb.DuckDBPyConnection, results: Results) -> None:
    """Replace what earlier runs left by these results, all or nothing, in an order that does not vary."""
    findings = sorted(results.findings, key=lambda f: f.finding_id)
    with transaction(con):
        for table in (*_TABLES, *(t for d in DESIGNS for t in d.tables)):
            con.execute(f"DELETE FROM {table}")
        _insert(con, "reliability", [asdict(r) for r in results.reliabilities])
        _insert(con, "wave_mean", [asdict(m) for m in results.wave_means])
        _insert(con, "finding", [finding_row(f) for f in findings])
        _insert(con, "estimate", [estimate_row(f, e) for f in findings for e in f.estimates])
        for table, rows in results.tables.items():
            _insert(con, table, rows)


def finding_row(finding: Finding) -> dict[str, Any]:
    """A row of ``finding``: the question, and the figures of its primary estimate."""
    row = {f.name: getattr(finding, f.name) for f in fields(finding) if f.name != "estimates"}
    of_primary = {name: getattr(finding.primary, name) for name in _OF_PRIMARY}
    return {**row, **of_primary, "n": of_primary["n"] if finding.n is None else finding.n}


def estimate_row(finding: Finding, estimate: Estimate) -> dict[str, Any]:
    """A row of ``estimate``."""
    return {
        "finding_id": finding.finding_id,
        "estimate_id": f"{finding.finding_id}/{estimate.method}",
        **asdict(estimate),
    }


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    columns = columns_of(con, "main", table)
    for row in rows:
        unknown = set(row) - set(columns)
        if unknown:
            raise ValueError(f"{table} has no column {sorted(unknown)}")
    insert_rows(con, table, [[_plain(row.get(c)) for c in columns] for row in rows])


def _plain(value: Any) -> Any:
    """A value as the database takes it; a figure that is not finite is no figure."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
