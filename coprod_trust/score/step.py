"""The scoring step: from answers to scores, and the gate that says which waves may be compared."""

from __future__ import annotations

import duckdb

from coprod_trust.score.comparability import compare
from coprod_trust.score.panel import panel_scales
from coprod_trust.steps import Context, Counts
from coprod_trust.store import columns_of, open_work, sql, transaction
from coprod_trust.study import Study

FEW_ROWS = 10_000

_FIXED_PARTICIPANT_COLUMNS = frozenset(
    {"participant_id", "study_group", "first_wave", "last_wave", "n_waves", "entry_reason", "exit_reason"}
)


def run_step(context: Context) -> Counts:
    """Score every wave up to the run's."""
    with open_work(context.paths) as con, transaction(con):
        return score(con, context.study(), context.wave)


def score(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> Counts:
    """Build ``panel.<wave>``, ``panel.score_wide`` and ``comparability`` from ``answer.<wave>`` and ``participant``.

    Returns how many scores there are, and how many pairs of waves of a scale may and may not be compared.
    """
    sql.run(
        con,
        "score/drop_panel",
        tables=_names(con, "duckdb_tables()", "table_name"),
        views=_names(con, "duckdb_views()", "view_name"),
    )
    waves = [w.id for w in study.waves_up_to(wave) if columns_of(con, "answer", w.id)]
    blocked = blocked_scales(con)
    for w in waves:
        sql.run(con, "score/panel", wave=w, scales=panel_scales(study, w, columns_of(con, "answer", w), blocked))
    scores = _widen(con, study, waves)
    answered = {w: items_answered(con, study, w) for w in waves}
    comparisons = compare(study, waves, answered, blocked)
    con.execute("DELETE FROM comparability")
    for c in comparisons:
        con.execute(
            "INSERT INTO comparability VALUES (?, ?, ?, ?, ?)",
            [c.scale, c.wave_from, c.wave_to, c.comparable, c.reason],
        )
    comparable = sum(c.comparable for c in comparisons)
    return {"scores": scores, "comparable": comparable, "not_comparable": len(comparisons) - comparable}


def blocked_scales(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """(scale, wave): the reasons why the scale may not be used there."""
    blocked: dict[tuple[str, str], list[str]] = {}
    for scale, wave, reason in con.execute(
        "SELECT DISTINCT scale, wave, reason FROM blocked_scale ORDER BY ALL"
    ).fetchall():
        blocked.setdefault((scale, wave), []).append(reason)
    return blocked


def items_answered(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> frozenset[str]:
    """The items that at least one person answered in that wave."""
    there = set(columns_of(con, "answer", wave))
    items = [i.id for s in study.scales for i in s.items if i.id in there]
    if not items:
        return frozenset()
    # A few rows tell of nearly every item; only what none of them answered is looked for in all.
    found = _answered(con, items, f"(FROM answer.{sql.ident(wave)} LIMIT {FEW_ROWS})")
    rest = [i for i in items if i not in found]
    return found | (_answered(con, rest, f"answer.{sql.ident(wave)}") if rest else frozenset())


def _answered(con: duckdb.DuckDBPyConnection, items: list[str], rows: str) -> frozenset[str]:
    counts = con.execute(f"SELECT {', '.join(f'count({sql.ident(i)})' for i in items)} FROM {rows}").fetchone()
    return frozenset(i for i, n in zip(items, counts or (), strict=True) if n)


def _names(con: duckdb.DuckDBPyConnection, relation: str, column: str) -> list[str]:
    return [n for (n,) in con.execute(f"SELECT {column} FROM {relation} WHERE schema_name = 'panel'").fetchall()]


def _widen(con: duckdb.DuckDBPyConnection, study: Study, waves: list[str]) -> int:
    """Build ``panel.score_wide``; returns the number of scores in it.

    A person with two rows in a wave would be counted twice in everything that follows, so that is a defect.
    """
    constant = [c for c in columns_of(con, "main", "participant") if c not in _FIXED_PARTICIPANT_COLUMNS]
    varying = {c.id for c in study.covariates if c.varying}
    by_wave = [
        {
            "id": w,
            "covariates": [c for c in columns_of(con, "answer", w) if c in varying],
            "scales": [s.id for s in study.scored_in(w)],
        }
        for w in waves
    ]
    sql.run(con, "score/score_wide", constant=constant, waves=by_wave)
    counted = [f"count({sql.ident(f'{s.id}__{w}')})" for w in waves for s in study.scored_in(w)]
    scores, rows, people = con.execute(
        f"SELECT {' + '.join(counted) or 0}, count(*), (SELECT count(*) FROM participant) FROM panel.score_wide"
    ).fetchone() or (0, 0, 0)
    if rows != people:
        raise RuntimeError(f"{people} people have {rows} rows of scores: the gate let somebody in twice")
    return int(scores)
