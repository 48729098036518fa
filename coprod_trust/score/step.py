"""The scoring step: from answers to scores, and the gate that says which waves may be compared."""

from __future__ import annotations

import duckdb

from coprod_trust.score.comparability import compare
from coprod_trust.steps import Context, Counts
from coprod_trust.store import columns_of, open_work, sql, transaction
from coprod_trust.study import Study

_FIXED_PARTICIPANT_COLUMNS = frozenset(
    {"participant_id", "study_group", "first_wave", "last_wave", "n_waves", "entry_reason", "exit_reason"}
)


def run_step(context: Context) -> Counts:
    """Score every wave up to the run's."""
    with open_work(context.paths) as con, transaction(con):
        return score(con, context.study(), context.wave)


def score(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> Counts:
    """Build ``panel.<wave>``, ``panel.score_wide`` and ``comparability`` from ``answer.<wave>`` and ``participant``.

    Returns the number of scores, and of people in a wave who have none although they were asked.
    """
    for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'panel'").fetchall():
        con.execute(f"DROP TABLE panel.{sql.ident(table)}")
    waves = [w.id for w in study.waves_up_to(wave) if columns_of(con, "answer", w.id)]
    blocked = blocked_scales(con)
    answered = {w: items_answered(con, study, w) for w in waves}
    for w in waves:
        _score_wave(con, study, w, blocked)
    if columns_of(con, "main", "participant"):
        _widen(con, study, waves)
    con.execute("DELETE FROM comparability")
    for c in compare(study, waves, answered, blocked):
        con.execute(
            "INSERT INTO comparability VALUES (?, ?, ?, ?, ?)",
            [c.scale, c.wave_from, c.wave_to, c.comparable, c.reason],
        )
    counts = {"scored": 0, "without_score": 0}
    for w in waves:
        for scale in study.scored_in(w):
            row = con.execute(
                f"SELECT count({sql.ident(scale.id + '__mean')}), "
                f"count(*) FILTER ({sql.ident(scale.id + '__reason')} IN ('too_few_answered', 'blocked')) "
                f"FROM panel.{sql.ident(w)}"
            ).fetchone()
            counts["scored"] += row[0] if row else 0
            counts["without_score"] += row[1] if row else 0
    return counts


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
    counts = con.execute(
        f"SELECT {', '.join(f'count({sql.ident(i)})' for i in items)} FROM answer.{sql.ident(wave)}"
    ).fetchone()
    return frozenset(i for i, n in zip(items, counts or (), strict=True) if n)


def _score_wave(
    con: duckdb.DuckDBPyConnection, study: Study, wave: str, blocked: dict[tuple[str, str], list[str]]
) -> None:
    there = set(columns_of(con, "answer", wave))
    scales = []
    for scale in study.scored_in(wave):
        low, high = scale.ends(wave)
        scales.append(
            {
                "id": scale.id,
                "low": low,
                "high": high,
                "turn": low + high,
                "needed": scale.needed,
                "groups": scale.groups,
                "blocked": (scale.id, wave) in blocked,
                "items": [{"id": i.id, "reverse": i.reverse} for i in scale.items if i.id in there],
            }
        )
    sql.run(con, "score/panel", wave=wave, scales=scales)


def _widen(con: duckdb.DuckDBPyConnection, study: Study, waves: list[str]) -> None:
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
