"""Fills the tables that the ingest step leaves, for tests of the steps after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from coprod_trust.store import sql
from coprod_trust.study import Study

Row = Mapping[str, object]


def load_answers(con: duckdb.DuckDBPyConnection, study: Study, waves: Mapping[str, Sequence[Row]]) -> None:
    """``answer.<wave>`` and ``participant`` from rows with participant_id, study_group, response_date, the items (a
    number, or the reason why there is none), and covariates."""
    items = [i.id for s in study.scales for i in s.items]
    seen: dict[str, list[tuple[str, Row]]] = {}
    for wave, rows in waves.items():
        there = [i for i in items if any(i in r for r in rows)]
        covariates = [c.id for c in study.covariates if c.varying]
        columns = {
            "participant_id": "VARCHAR",
            "study_group": "VARCHAR",
            "source_id": "VARCHAR",
            "row_number": "BIGINT",
            "response_date": "DATE",
            "mode": "VARCHAR",
            **{c: t for i in there for c, t in ((i, "DOUBLE"), (f"{i}__reason", "VARCHAR"))},
            **{c: _type(study, c) for c in covariates},
        }
        table = f"answer.{sql.ident(wave)}"
        con.execute(f"CREATE TABLE {table} ({', '.join(f'{sql.ident(c)} {t}' for c, t in columns.items())})")
        for number, row in enumerate(rows, start=2):
            values: dict[str, object] = {c: row.get(c) for c in columns}
            values |= {"source_id": f"{wave}__0123456789abcdef", "row_number": number}
            for i in there:
                answer = row.get(i, "skipped")
                is_reason = isinstance(answer, str) or answer is None
                values[i], values[f"{i}__reason"] = (None, answer or "skipped") if is_reason else (answer, None)
            con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", list(values.values()))
            seen.setdefault(str(row["participant_id"]), []).append((wave, row))
    constant = [c.id for c in study.covariates if not c.varying]
    con.execute(
        "CREATE OR REPLACE TABLE participant (participant_id VARCHAR, study_group VARCHAR, "
        + "".join(f"{sql.ident(c)} {_type(study, c)}, " for c in constant)
        + "first_wave VARCHAR, last_wave VARCHAR, n_waves INTEGER, entry_reason VARCHAR, exit_reason VARCHAR)"
    )
    for person, held in seen.items():
        first = held[0][1]
        row = [person, first["study_group"], *(first.get(c) for c in constant), held[0][0], held[-1][0], len(held)]
        con.execute(f"INSERT INTO participant VALUES ({', '.join('?' * len(row))}, NULL, NULL)", row)


def _type(study: Study, covariate: str) -> str:
    kind = next(c.kind for c in study.covariates if c.id == covariate)
    return "DOUBLE" if kind in ("number", "birth_year") else "VARCHAR"
