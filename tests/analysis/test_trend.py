"""The straight line beside the waves' means: the days people answered, and what stands in for them."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import compute, data, trend
from coprod_trust.mixed import Panel
from coprod_trust.store import open_memory
from tests.analysis.scored import load, small
from tests.analysis.test_step import people

WAVES = ("w1", "w2", "w3")


def scores(n: int = 200, a_month: float = -0.5, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Scores that fall by the month from whatever day somebody came, later comers later at every wave."""
    rng = np.random.default_rng(seed)
    at = np.array([0.0, 6, 12]) + rng.uniform(0, 4, (n, 3))
    y = 60 + rng.normal(0, 10, (n, 1)) + (a_month + rng.normal(0, 0.3, (n, 1))) * at + rng.normal(0, 2, (n, 3))
    return y, at


def test_the_slope_is_that_of_the_days_and_not_of_the_waves():
    y, at = scores()
    found = trend.slope(WAVES, y, at, "by the days of people's answers")
    assert found.ci_low < -0.5 < found.ci_high
    assert found.std_error < 0.04
    assert (found.role, found.df_method, found.verdict) == ("secondary", "Kenward-Roger", None)
    by_engine = Panel.from_matrix(y, WAVES, np.empty((200, 0)), (), visits=at).fit("time", random="slope")
    assert found.estimate == pytest.approx(by_engine.beta[1])


def test_who_has_no_score_at_the_first_wave_is_not_in_it_and_few_people_decline():
    y, at = scores(30)
    y[:5, 0] = np.nan
    assert trend.slope(WAVES, y, at, "").n == 25
    assert "at least 8 people" in trend.slope(WAVES, y[5:12], at[5:12], "").declined


def test_a_slope_that_does_not_vary_leaves_the_random_slope_out_and_says_so():
    rng = np.random.default_rng(4)
    at = np.tile([0.0, 6, 12], (40, 1))
    noise = rng.normal(0, 5, (40, 3))
    y = (
        60
        + rng.normal(0, 10, (40, 1))
        - 0.4 * at
        + noise
        - 0.9 * (noise @ np.array([-0.5, 0, 0.5]))[:, None] * [-1, 0, 1]
    )
    assert "no variance of slopes was found" in trend.slope(WAVES, y, at, "").note


def test_days_stand_for_time_where_every_wave_has_some_and_months_elsewhere():
    days = np.array([[100.0, 280, 470], [130, np.nan, 460]])
    at, source = trend.times(days, (0.0, 6.0, 12.0))
    assert source == "by the days of people's answers"
    assert at[0] * trend.DAYS_A_MONTH == pytest.approx([0, 180, 370])
    assert at[1, 1] == at[0, 1], "the wave's mean stands in"
    days[:, 2] = np.nan
    at, source = trend.times(days, (2.0, 6.0, 12.0))
    assert source == "by the waves' planned months"
    assert at.tolist() == [[0, 4, 10], [0, 4, 10]]


def test_it_stands_beside_the_change_from_first_to_latest_where_all_analyses_are_asked_for():
    waves = people(20, 0)
    for wave, frame in waves.items():
        frame["response_date"] = np.datetime64("2025-01-13") + np.timedelta64(180 * (int(wave[1]) - 1), "D")
    assert measured(waves, "core").days == {}, "the core analyses do without it"
    found = {f.finding_id: f for f in compute.analyse(measured(waves, "full")).findings}
    have = {i for i, f in found.items() if f.outcome == "provider" and f.by_method(trend.METHOD)}
    assert have == {"change.provider.w1-w3"}
    assert "by the days" in str(found["change.provider.w1-w3"].by_method(trend.METHOD).note)


def measured(waves: dict, analyses: str) -> data.Measured:
    study = small(covariates=[], permutations=199, bootstraps=199, analyses=analyses)
    with open_memory() as con:
        load(con, study, waves)
        return data.read(con, study, "w3")
