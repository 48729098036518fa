"""Random-effects summaries against metafor (portfolio.R), on its own published examples among others."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis.rules import PORTFOLIO, PREDICTION
from coprod_trust.portfolio.combine import equal_weights, leave_one_out, random_effects
from tests.oracle.results import oracle

R = oracle("portfolio")


@pytest.mark.parametrize("name", R)
def test_a_summary_equals_metafors(name: str) -> None:
    r = R[name]
    found = random_effects(r["yi"], r["sei"])
    ours = (found.estimate, found.std_error, found.p_value, *found.interval, *found.interval_90, found.q, found.q_p)
    theirs = (r["estimate"], r["se"], r["p"], *r["ci"], *r["ci90"], r["q"], r["q_p"])
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9)
    assert (found.tau, *found.tau_interval) == pytest.approx((r["tau"], *r["tau_ci"]), rel=1e-5, abs=1e-6)
    assert found.weights == pytest.approx(r["weights"], rel=1e-6)
    assert found.i_squared == pytest.approx(max(0, 1 - (len(r["yi"]) - 1) / r["q"]))


@pytest.mark.parametrize("name", R)
def test_without_each_study_as_metafor_has_it(name: str) -> None:
    r = R[name]
    found = leave_one_out(r["yi"], r["sei"])
    assert [f.estimate for f in found] == pytest.approx(r["without"], rel=1e-6)
    assert [f.std_error for f in found] == pytest.approx(r["without_se"], rel=1e-6)


def test_a_prediction_interval_from_five_studies_on() -> None:
    assert PREDICTION.declines(4)
    assert random_effects(R["four"]["yi"], R["four"]["sei"]).prediction is None
    for name in ("stroke", "alike"):
        found = random_effects(R[name]["yi"], R[name]["sei"])
        assert found.prediction == pytest.approx(R[name]["prediction"], rel=1e-6)


def test_studies_that_agree_better_than_chance_do_not_make_the_interval_narrow() -> None:
    same = random_effects([-4.0, -4.0, -4.0], [2.0, 2.0, 2.0])
    assert (same.tau, same.i_squared) == (0, 0)
    assert same.std_error == pytest.approx(2 / np.sqrt(3))


def test_equal_weights_are_a_t_test_of_the_studies() -> None:
    from scipy.stats import ttest_1samp

    y = R["bcg"]["yi"]
    expected = ttest_1samp(y, 0)
    found = equal_weights(y)
    assert (found.p_value, *found.interval) == pytest.approx((expected.pvalue, *expected.confidence_interval(0.95)))


def test_too_few_studies_are_refused_or_give_no_summaries_without_one() -> None:
    assert PORTFOLIO.minimum == 3
    assert leave_one_out([1, 2, 3], [1, 1, 1]) == ()
    for estimates, errors in (([1.0], [1.0]), ([1.0, 2.0], [1.0, 0.0]), ([1.0, float("nan")], [1.0, 1.0])):
        with pytest.raises(ValueError, match="standard error above zero"):
            random_effects(estimates, errors)


def test_a_cell_of_the_simulation_comes_out_as_published() -> None:
    import csv
    from pathlib import Path

    from simulations import portfolio

    with (Path(portfolio.__file__).parent / "results" / "portfolio.csv").open() as file:
        kept = {(int(r["k"]), float(r["tau"])): r for r in csv.DictReader(file)}
    assert set(kept) == set(portfolio.CELLS)
    alarms, alarms_equal, missed = portfolio.cell(5, 4.0)
    row = kept[5, 4.0]
    assert [f"{alarms:.3f}", f"{alarms_equal:.3f}", f"{missed:.3f}"] == [
        row["random_effects"], row["equal_weights"], row["further_study_missed"]
    ]  # fmt: skip
