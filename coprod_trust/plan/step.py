"""The plan step: records of the plan, and what was done otherwise, as tables that the report prints."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime

import duckdb

from coprod_trust import kept
from coprod_trust.decisions import Amendment, read
from coprod_trust.plan.deviations import Done, WaveFacts, deviations, last_wave_seen
from coprod_trust.plan.record import at, changes
from coprod_trust.steps import Context, Counts
from coprod_trust.store import columns_of, open_work, sql, transaction
from coprod_trust.study import Study


def run_step(context: Context) -> Counts:
    """Hold what the run did against the plan."""
    study = context.study()
    records = read(context.root, Amendment)
    with open_work(context.paths) as con:
        done = what_was_done(con, study, context.wave)
        found = deviations(study, records, done)
        with transaction(con):
            con.execute("DELETE FROM plan_record")
            con.execute("DELETE FROM deviation")
            for n, record in enumerate(records, start=1):
                moved = changes(records[n - 2].plan, record.plan) if n > 1 else ()
                con.execute(
                    "INSERT INTO plan_record VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [n, record.action, record.plan_hash, at(record), record.who, record.why,
                     "; ".join(map(str, moved)) or None, last_wave_seen(study, done, at(record))],
                )  # fmt: skip
            for deviation in found:
                con.execute("INSERT INTO deviation VALUES (?, ?, ?, ?, ?, ?, ?)", list(astuple(deviation)))
    return {"plan_records": len(records), "deviations": len(found)}


def inputs(_con: duckdb.DuckDBPyConnection, context: Context) -> kept.Inputs:
    """The records of the plan."""
    return kept.decisions(context.root, Amendment)


def what_was_done(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> Done:
    """Read from the tables that the earlier steps left."""
    waves = {}
    for w in study.waves_up_to(wave):
        if not columns_of(con, "answer", w.id):
            continue
        row = con.execute(f"SELECT count(*), min(response_date) FROM answer.{sql.ident(w.id)}").fetchone()
        came = con.execute(
            "SELECT epoch_us(min(received_at)) FROM source_file WHERE kind = 'survey' AND wave = ?", [w.id]
        ).fetchone()
        if row and row[0]:
            waves[w.id] = WaveFacts(w.id, row[1], _moment(came[0]) if came and came[0] else None)
    findings = dict(con.execute("SELECT finding_id, declined FROM finding").fetchall())
    scored = set(columns_of(con, "panel", "score_wide"))
    measured = {s.id for s in study.scales for name in (f"{s.id}__{w}" for w in waves)
                if name in scored and _filled(con, name)}  # fmt: skip
    covariates = {c.id for c in study.covariates for name in (c.id, *(f"{c.id}__{w}" for w in waves))
                  if name in scored and _filled(con, name)}  # fmt: skip
    return Done(wave, waves, findings, frozenset(measured), frozenset(covariates))


def _filled(con: duckdb.DuckDBPyConnection, column: str) -> bool:
    row = con.execute(f"SELECT count({sql.ident(column)}) > 0 FROM panel.score_wide").fetchone()
    return bool(row and row[0])


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)
