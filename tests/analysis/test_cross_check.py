"""Our mixed model beside statsmodels' MixedLM: where the two agree, where they part, and that it is published."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from coprod_trust.analysis import cross_check
from coprod_trust.runner import run_direct
from simulations.change_tests import Cell
from tests.studies import small_study

WAVES = ("w1", "w2", "w3")


def scores(people: int = 40, seed: int = 5) -> np.ndarray:
    r = np.random.default_rng(seed)
    return 60 + 10 * r.normal(size=(people, 1)) + 8 * r.normal(size=(people, 3))


def test_on_complete_data_both_are_one_model() -> None:
    row = cross_check.compare(cross_check.pair(WAVES, scores(), None), "provider", "participants", "w1", "w3")
    assert row.agrees and row.n == 40
    assert row.estimate_difference == pytest.approx(0, abs=1e-8)
    assert row.std_error_ratio == pytest.approx(1, abs=1e-5)
    assert row.loglik_difference == pytest.approx(0, abs=1e-6)


def test_with_covariates_that_vary_both_are_one_model() -> None:
    hours = np.random.default_rng(1).normal(20, 4, (40, 3, 1))
    hours[3, 1] = np.nan
    pair = cross_check.pair(WAVES, scores() + 0.5 * (hours[..., 0] - 20), hours)
    row = cross_check.compare(pair, "provider", "participants", "w2", "w3")
    assert row.agrees and row.model == "mixedlm_adjusted"
    assert row.estimate_difference == pytest.approx(0, abs=1e-5)


def test_where_people_left_the_standard_errors_part_a_little() -> None:
    """MixedLM inverts the observed information with its cross terms: not the expected one, nor Kenward and Roger's."""
    y, r = scores(), np.random.default_rng(5)
    y[r.random(40) < 0.4, 2] = np.nan
    row = cross_check.compare(cross_check.pair(WAVES, y, None), "provider", "participants", "w1", "w3")
    assert row.agrees
    assert 1e-5 < abs(row.std_error_ratio - 1) < 0.01


def test_mixedlm_without_a_standard_error_is_declined() -> None:
    """A draw in which people's levels do not vary: MixedLM ends on the boundary with no positive variance."""
    y = Cell(3, 12, 0.0).draw(22)
    row = cross_check.compare(cross_check.pair(WAVES, y, None), "provider", "participants", "w1", "w3")
    assert row.declined == "by MixedLM: its covariance matrix gives no standard error"


def test_what_ours_cannot_fit_is_declined_with_the_reason() -> None:
    pair = cross_check.pair(WAVES, np.full((12, 3), 50.0), None)
    assert "by ours: " in (cross_check.compare(pair, "provider", "participants", "w1", "w3").declined or "")


def test_a_run_with_cross_check_publishes_the_table_and_the_report_shows_it(tmp_path: Path) -> None:
    study = small_study(tmp_path / "study")
    result = run_direct(study, cross_check=True)
    with duckdb.connect(str(study / "published" / "trust.duckdb"), read_only=True) as con:
        rows = con.execute(
            "SELECT agrees, declined FROM cross_check WHERE scale = 'provider' AND model = 'mixedlm' "
            "AND population = 'participants' ORDER BY contrast"
        ).fetchall()
    assert rows == [(True, None)] * 3
    page = result.report.with_name("report.en.html").read_text(encoding="utf-8")
    assert "Our mixed model checked by other people's code" in page.replace("&#39;", "'")
