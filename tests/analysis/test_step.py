"""The step from scores to rows of finding and estimate."""

from __future__ import annotations

import duckdb
import pytest

from coprod_trust.analysis import data, step, store
from coprod_trust.store import open_memory
from tests.analysis.scored import load_small, small


@pytest.fixture(scope="module")
def con():
    with open_memory() as connection:
        study = small()
        load_small(connection, study)
        results = step.analyse(data.read(connection, study, "w3"))
        store.write(connection, results.reliabilities, results.wave_means, results.findings)
        yield connection


def column(con: duckdb.DuckDBPyConnection, query: str) -> list:
    return [row[0] for row in con.execute(query).fetchall()]


def test_every_dimension_and_contrast_has_a_finding(con):
    ids = column(con, "SELECT finding_id FROM finding WHERE design = 'A1' AND population = 'participants'")
    contrasts = ("w1-w2", "w1-w3", "w2-w3")
    assert sorted(ids) == sorted(
        f"change.{s}.{c}" for s in ("provider", "municipal", "generalized", "peers") for c in contrasts
    )


def test_every_finding_has_one_primary_estimate_with_its_figures(con):
    rows = con.execute(
        """SELECT f.finding_id FROM finding f JOIN estimate e USING (finding_id)
        WHERE e.role = 'primary' AND f.estimate IS NOT DISTINCT FROM e.estimate
        AND f.p_value IS NOT DISTINCT FROM e.p_value AND f.method = e.method"""
    ).fetchall()
    assert len(rows) == con.execute("SELECT count(*) FROM finding").fetchone()[0]
