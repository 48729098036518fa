"""From the tables of the earlier steps to code_trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import duckdb
import pytest

from coprod_trust.integrate.step import code_trajectories, run_step
from coprod_trust.integrate.trajectory import Trajectory
from coprod_trust.steps import Context
from coprod_trust.store import open_memory, open_work
from coprod_trust.study import load_study
from tests.studies import small_study

PEOPLE = [f"P{i:03d}" for i in range(1, 21)]
INTERVIEWED, CODED = PEOPLE[:14], PEOPLE[:6]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        fill(connection)
        yield connection


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """Twenty people of whom fourteen were interviewed at w2 and six are coded; P013 has no score at w2, P014 is no
    participant. The coded fall by 20 points and a little, the others by a little."""
    scales = ("provider", "municipal", "generalized", "peers")
    columns = ", ".join(f"{s}__{w} DOUBLE" for s in scales for w in ("w1", "w2"))
    con.execute(f"CREATE TABLE panel.score_wide (participant_id VARCHAR, study_group VARCHAR, {columns})")
    for wave in ("w1", "w2"):
        con.execute(f"CREATE TABLE answer.{wave} (participant_id VARCHAR, response_date DATE)")
    for i, p in enumerate(PEOPLE, start=1):
        fall = (20 if p in CODED else 0) + i / 10
        group = "non_participant" if p == "P014" else "participant"
        scores = [v for _ in scales for v in (70.0, None if p == "P013" else 70.0 - fall)]
        con.execute(f"INSERT INTO panel.score_wide VALUES (?, ?, {', '.join('?' * 8)})", [p, group, *scores])
        con.execute("INSERT INTO answer.w2 VALUES (?, DATE '2025-07-15')", [p])
    for scale in scales:
        con.execute("INSERT INTO comparability VALUES (?, 'w1', 'w2', ?, ?)",
                    [scale, scale != "municipal", "worded differently" if scale == "municipal" else None])  # fmt: skip
        if scale != "peers":
            for wave in ("w1", "w2"):
                con.execute(
                    "INSERT INTO reliability (scale, wave, population, coefficient, value, n, n_items) "
                    "VALUES (?, ?, 'participant', 'alpha', 0.82, 20, 3)", [scale, wave])  # fmt: skip
                con.execute("INSERT INTO wave_mean VALUES (?, ?, 'participant', 'observed', 20, 70, 10, NULL, NULL)",
                            [scale, wave])  # fmt: skip
    for p in INTERVIEWED:
        con.execute("INSERT INTO interviewed VALUES (?, 'w2', TRUE, 1, 3, DATE '2025-07-20', DATE '2025-07-20')", [p])
    for p in CODED:
        con.execute("INSERT INTO participant_code VALUES (?, 'w2', 'NOSUP', 'coded', FALSE, 1, 0, NULL)", [p])


def test_each_code_meets_each_scale_of_trust(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    study = load_study(small_study(tmp_path))
    rows = {r.outcome: r for family in code_trajectories(con, study, "w2") for r in family.result()}
    assert set(rows) == {"provider", "municipal", "generalized", "peers"}
    row = rows["provider"]
    assert (row.n_coded, row.n_not_coded, row.n_no_change, row.n_not_interviewed) == (6, 6, 1, 6)
    assert row.difference == pytest.approx(-20 + 0.6)
    assert (row.method, row.p_value) == ("permutation_exact", pytest.approx(2 / 924))
    # the standard error of a change is sqrt(2 * 10^2 * (1 - .82)) = 6, so a fall of more than 11.76 is reliable
    assert (row.n_fell_coded, row.n_fell_not_coded) == (6, 0)
    assert (row.n_interviewed_before, row.n_interviewed_after) == (0, 12)
    assert rows["peers"].n_fell_coded is None, "no reliability is known for it"
    assert rows["municipal"].declined == "worded differently"
    assert row.p_adjusted == pytest.approx(2 / 924), "three equal p values in one family"


def test_nothing_is_compared_where_nobody_was_interviewed(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    con.execute("DELETE FROM interviewed")
    assert code_trajectories(con, load_study(small_study(tmp_path)), "w2") == []


def test_the_step_writes_the_same_rows_each_time(tmp_path: Path) -> None:
    context = Context(small_study(tmp_path), "w2", "run")
    with open_work(context.paths) as con:
        fill(con)
    counts = {"compared": 3, "listed_only": 1, "quotable_segments": 0, "stances": 0, "fits_proposed": 0,
              "cases": 0}  # fmt: skip
    assert run_step(context) == counts
    with open_work(context.paths) as con:
        first = con.execute("SELECT * FROM code_trajectory ORDER BY ALL").fetchall()
    run_step(context)
    with open_work(context.paths) as con:
        assert con.execute("SELECT * FROM code_trajectory ORDER BY ALL").fetchall() == first
        columns = [d[0] for d in con.execute("SELECT * FROM code_trajectory").description]
        assert [f.name for f in fields(Trajectory)] == columns, "rows are inserted by position"
