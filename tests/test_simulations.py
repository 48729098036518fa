"""The published simulations: the documents hold what the results hold, and a few draws come out as they did."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import mixed_check
from coprod_trust.analysis.finding import Role
from simulations import change_tests, null_twin, tables
from simulations.change_tests import Cell


def test_the_document_holds_the_tables_of_the_results() -> None:
    text = tables.DOCUMENT.read_text(encoding="utf-8")
    assert text == tables.written(text), "python -m simulations.tables"


def test_shares_and_their_errors_follow_from_the_counts() -> None:
    rows = tables.rows_of("change_tests")
    assert len({(r["waves"], r["people"], r["change"]) for r in rows}) >= 8
    for row in rows:
        n, rejected = int(row["answered"]), int(row["rejected"])
        assert int(row["draws"]) == 5000 >= n
        assert float(row["rejected_share"]) == pytest.approx(rejected / n, abs=1e-4)
        assert float(row["rejected_mc_error"]) == pytest.approx(
            (rejected / n * (1 - rejected / n) / n) ** 0.5, abs=1e-4
        )


@pytest.mark.parametrize("name", ["2x20x0", "3x12x0"])
def test_the_first_draws_of_a_cell_come_out_as_they_were_written(name: str) -> None:
    cell = next(c for c in change_tests.cells() if c.name == name)
    _, kept = change_tests.run(cell, 3)
    written = {(r["cell"], r["draw"], r["method"]): r for r in tables.rows_of("change_tests_first_draws")}
    for row in kept:
        was = written[name, str(row["draw"]), str(row["method"])]
        for figure in ("estimate", "std_error", "p_value", "ci_low", "ci_high"):
            now, then = str(row[figure]), was[figure]
            assert (now == "") == (then == "")
            if now:
                assert float(now) == pytest.approx(float(then), rel=1e-4 if "statsmodels" in was["method"] else 1e-7)


def test_a_draw_is_the_same_to_the_bit_and_leaves_as_many_gone_as_is_said() -> None:
    cell = Cell(3, 60, -9.0)
    draws = np.array([cell.draw(k) for k in range(300)])
    assert np.array_equal(draws[7], cell.draw(7), equal_nan=True)
    assert np.isnan(draws[:, :, 2]).mean() == pytest.approx(0.30, abs=0.015)
    # Those who leave began lower: what a test of completers cannot know.
    gone = np.isnan(draws[:, :, 2])
    assert draws[:, :, 0][gone].mean() < draws[:, :, 0][~gone].mean() - 8


def test_the_recorded_means_are_those_that_were_asked_for() -> None:
    for cell in (Cell(2, 20, 0.0), Cell(3, 20, -9.0)):
        for k, mean in enumerate(cell.means):
            share = change_tests.grid_shares(cell.latent_means[k], change_tests.SD[k])
            assert share.sum() == pytest.approx(1)
            assert share @ change_tests.grid() == pytest.approx(mean, abs=1e-9)


def test_the_random_intercept_is_compound_symmetry_where_levels_vary() -> None:
    """So one fit serves for both rows of the table."""
    cell = Cell(3, 40, 0.0)
    panel = change_tests.Panel.from_matrix(cell.draw(1), cell.wave_names, np.empty((40, 0)), ())
    symmetric, intercept = (panel.fit("wave", covariance=k) for k in ("compound-symmetry", "random-intercept"))
    assert symmetric.solution.phi[1] > 0
    for df in ("kenward-roger", "satterthwaite"):
        one, other = (f.contrast({"wave[T.w3]": 1.0}, df=df) for f in (symmetric, intercept))
        assert one["p_value"] == pytest.approx(other["p_value"], rel=1e-6)


def test_starting_statsmodels_at_our_fit_changes_nothing_but_its_time() -> None:
    cell = Cell(2, 20, 0.0)
    for number in range(3):
        y = cell.draw(number)
        found = dict(change_tests.answers(cell.wave_names, y))["statsmodels MixedLM z"]
        own = mixed_check.fit(cell.wave_names, y).contrast("w1", "w2", Role.CHECK)
        assert found.p_value == pytest.approx(own.p_value, abs=1e-4)


def test_a_null_twin_comes_out_as_it_was_written() -> None:
    seed = null_twin.FIRST_SEED + null_twin.INTEGRATED  # one in which notes are only compared, not weighed
    with null_twin.without_change() as generate, null_twin.template(generate) as context:
        row = null_twin.study(seed, context)
    (written,) = [r for r in tables.rows_of("null_twin") if int(r["seed"]) == seed]
    exact = (
        "started",
        "stayed",
        "direction_verbs",
        "direction_verbs_any_contrast",
        "clear",
        "clear_too_small",
        "codes_compared",
        "codes_significant",
    )
    assert {k: str(row[k]) for k in exact} == {k: written[k] for k in exact}
    assert float(str(row["smallest_p_adjusted"])) == pytest.approx(float(written["smallest_p_adjusted"]), abs=2e-6)


def test_the_report_says_that_something_changed_in_few_studies_without_change() -> None:
    rows = tables.rows_of("null_twin")
    verbs = sum(int(r["direction_verbs"]) > 0 for r in rows) / len(rows)
    clear = sum(int(r["clear"]) > 0 for r in rows) / len(rows)
    assert verbs <= 0.07
    assert clear <= verbs
