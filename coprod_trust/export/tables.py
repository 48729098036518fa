"""A published table as Parquet, CSV, SPSS or Stata, with labels.

Without ``--table`` it is the wide table of people: a row a person, with groups, covariates, every answer of every wave
as ``item__wave`` and every score as ``scale__wave``. Why an answer is missing goes along: in SPSS and Stata as codes of
its own that those programs take for missing, in CSV and Parquet in a column ``item__wave__reason``.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coprod_trust.errors import Reason, UsageError
from coprod_trust.export.formats import Built
from coprod_trust.store import sql
from coprod_trust.store.query import published, spreadsheet_safe
from coprod_trust.study import Study, load_study

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

REASONS = ("not_applicable", "dont_know", "refused", "not_asked", "skipped", "quarantined")
"""In SPSS -91 to -96, in Stata .a to .f, in this order."""
SPSS_FIRST = -91
STATA_NAME = 32
SPSS_LABEL, STATA_LABEL = 255, 80


@dataclass(frozen=True)
class Variable:
    """A column on its way out. ``reason``: the column with the reasons why it is empty; ``labels``: of its values."""

    name: str
    label: str
    reason: str | None = None
    labels: dict[int, str] = field(default_factory=dict)


def build(root: Path, form: str, table: str | None = None) -> Built:
    """The table in that format. Raises UsageError for a table that is not published."""
    study = load_study(root)
    with published(root) as con:
        query, variables = _wide(con, study) if table is None else _named(con, table)
        if form == "csv":
            return Built(_csv(con, query))
        if form == "parquet":
            return Built(_parquet(con, query))
        frame = con.execute(query).df()
    return _sav(frame, variables) if form == "sav" else _dta(frame, variables)


def _wide(con: duckdb.DuckDBPyConnection, study: Study) -> tuple[str, list[Variable]]:
    """The query for a row a person, and its columns in order."""
    scores = _columns(con, "main", "score_wide")
    people = [c for c in _columns(con, "main", "participant") if c not in scores]
    selected = [f"s.{sql.ident(c)}" for c in scores[:2]] + [f"p.{sql.ident(c)}" for c in people]
    variables = [Variable(c, _comment(con, "score_wide", c)) for c in scores[:2]]
    variables += [Variable(c, _comment(con, "participant", c)) for c in people]
    joins = ""
    wordings = {i.id: (i.wording or i.id, s) for s in study.scales for i in s.items}
    waves = [
        w for (w,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'answer'").fetchall()
    ]
    for wave in (w for w in study.waves if w.id in waves):
        items = [c for c in _columns(con, "answer", wave.id) if c in wordings]
        joins += f" LEFT JOIN answer.{sql.ident(wave.id)} AS {sql.ident('a_' + wave.id)} USING (participant_id)"
        for item in items:
            wording, scale = wordings[item]
            name, source = f"{item}__{wave.id}", f"{sql.ident('a_' + wave.id)}"
            selected.append(f"{source}.{sql.ident(item)}::DOUBLE AS {sql.ident(name)}")
            selected.append(f"{source}.{sql.ident(item + '__reason')}::VARCHAR AS {sql.ident(name + '__reason')}")
            labels = {int(v): text for text, v in scale.value_labels.items() if float(v).is_integer()}
            variables.append(Variable(name, f"{wording} ({wave.label})", f"{name}__reason", labels))
    selected += [f"s.{sql.ident(c)}" for c in scores[2:]]
    variables += [Variable(c, _comment(con, "score_wide", c)) for c in scores[2:]]
    query = f"SELECT {', '.join(selected)} FROM score_wide AS s JOIN participant AS p USING (participant_id){joins}"
    return f"{query} ORDER BY participant_id", variables


def _named(con: duckdb.DuckDBPyConnection, table: str) -> tuple[str, list[Variable]]:
    schema, _, name = table.rpartition(".")
    columns = _columns(con, schema or "main", name)
    if not columns:
        known = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' "
            "UNION SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY 1"
        ).fetchall()
        raise UsageError(
            Reason(
                "there is no such table in the published database",
                f"one of: {', '.join(t for (t,) in known)}",
                "--table",
            )
        )
    variables = [Variable(c, _comment(con, name, c)) for c in columns]
    return f"FROM {sql.ident(schema or 'main')}.{sql.ident(name)}", variables


def _columns(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[str]:
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? ORDER BY column_index",
        [schema, table],
    ).fetchall()
    return [name for (name,) in rows]


def _comment(con: duckdb.DuckDBPyConnection, table: str, column: str) -> str:
    row = con.execute(
        "SELECT comment FROM duckdb_columns() WHERE table_name = ? AND column_name = ?", [table, column]
    ).fetchone()
    return str(row[0]) if row and row[0] else column


def _csv(con: duckdb.DuckDBPyConnection, query: str) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    result = con.execute(query)
    writer.writerow([column[0] for column in result.description or ()])
    while rows := result.fetchmany(10_000):
        writer.writerows(["" if v is None else spreadsheet_safe(v) for v in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _parquet(con: duckdb.DuckDBPyConnection, query: str) -> bytes:
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(con.cursor().sql(query).to_arrow_table(), stream, compression="zstd")
    return stream.getvalue()


def _sav(frame: pd.DataFrame, variables: Sequence[Variable]) -> Built:
    import pyreadstat

    labels: dict[str, dict[Any, str]] = {}
    missing: dict[str, list[Any]] = {}
    for v in variables:
        if v.reason is not None:
            codes = {reason: float(SPSS_FIRST - n) for n, reason in enumerate(REASONS)}
            frame[v.name] = frame[v.name].fillna(frame[v.reason].map(codes))
            labels[v.name] = {**v.labels, **{int(c): r.replace("_", " ") for r, c in codes.items()}}
            missing[v.name] = [{"lo": min(codes.values()), "hi": max(codes.values())}]
    kept = _plain(frame[[v.name for v in variables]])
    column_labels: dict[str, str | None] = {v.name: v.label[:SPSS_LABEL] for v in variables}
    return Built(_through_file("x.sav", lambda path: pyreadstat.write_sav(
        kept, path, column_labels=column_labels, variable_value_labels=labels, missing_ranges=missing)))  # fmt: skip


def _dta(frame: pd.DataFrame, variables: Sequence[Variable]) -> Built:
    import pyreadstat

    labels: dict[str, dict[Any, str]] = {}
    missing: dict[str, list[str]] = {}
    for v in variables:
        if v.reason is not None:
            codes = {reason: "abcdef"[n] for n, reason in enumerate(REASONS)}
            values = frame[v.name].astype(object)
            frame[v.name] = values.where(values.notna(), frame[v.reason].map(codes))
            labels[v.name] = {**v.labels, **{c: r.replace("_", " ") for r, c in codes.items()}}
            missing[v.name] = list(codes.values())
    kept = _plain(frame[[v.name for v in variables]], skip=set(missing))
    short = _short([v.name for v in variables])
    kept = kept.rename(columns=short)
    column_labels: dict[str, str | None] = {short[v.name]: v.label[:STATA_LABEL] for v in variables}
    data = _through_file("x.dta", lambda path: pyreadstat.write_dta(
        kept, path, column_labels=column_labels, version=15,
        variable_value_labels={short[k]: v for k, v in labels.items()},
        missing_user_values={short[k]: v for k, v in missing.items()}))  # fmt: skip
    renamed = [f"{old} is {new}" for old, new in short.items() if old != new]
    return Built(data, (f"Stata takes {STATA_NAME} characters: {', '.join(renamed)}.",) if renamed else ())


def _short(names: Sequence[str]) -> dict[str, str]:
    """Names that Stata takes: at most 32 characters, each its own."""
    found: dict[str, str] = {}
    for name in names:
        short, n = name[:STATA_NAME], 1
        while short in found.values():
            n += 1
            short = f"{name[: STATA_NAME - len(str(n)) - 1]}_{n}"
        found[name] = short
    return found


def _plain(frame: pd.DataFrame, skip: set[str] | None = None) -> pd.DataFrame:
    """Columns of the kinds that both programs have: numbers, texts, dates."""
    import pandas as pd

    for name in frame.columns:
        column = frame[name]
        if name in (skip or ()) or pd.api.types.is_numeric_dtype(column):
            if pd.api.types.is_bool_dtype(column):
                frame[name] = column.astype(float)
        elif pd.api.types.is_datetime64_any_dtype(column):
            frame[name] = column.dt.tz_localize(None) if column.dt.tz is not None else column
        else:
            values = column.astype(object)
            frame[name] = values.where(values.notna(), "").map(str)
    return frame


def _through_file(name: str, write: Any) -> bytes:
    with tempfile.TemporaryDirectory() as aside:
        path = Path(aside) / name
        write(str(path))
        return path.read_bytes()
