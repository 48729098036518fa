"""Change by the engine, as an estimate beside the paired test."""

import numpy as np
import pytest
from scipy import stats

from coprod_trust.analysis import mixed_model
from coprod_trust.analysis.finding import Role

WAVES = ("w1", "w2", "w3")


def scores(people: int, seed: int = 2) -> np.ndarray:
    r = np.random.default_rng(seed)
    return 60 + 8 * r.normal(size=(people, 1)) + 10 * r.normal(size=(people, 3)) - np.array([0, 6, 9])


def test_on_two_complete_waves_it_is_the_paired_t_test() -> None:
    y = scores(30)[:, :2]
    found = mixed_model.fit(WAVES[:2], y).contrast("w1", "w2", Role.SECONDARY)
    paired = stats.ttest_rel(y[:, 1], y[:, 0])
    assert found.statistic == pytest.approx(paired.statistic, rel=1e-7)
    assert found.df == pytest.approx(29, rel=1e-7)
    assert found.p_value == pytest.approx(paired.pvalue, rel=1e-6)
    assert "unstructured" in (found.note or "")


def test_those_who_left_are_in_it_and_those_who_came_later_are_not() -> None:
    y = scores(30)
    y[:8, 1:] = np.nan
    y[8:11, 0] = np.nan
    found = mixed_model.fit(WAVES, y).contrast("w1", "w3", Role.SECONDARY)
    assert found.n == 27
    assert "19 of them also later" in (found.note or "")


def test_a_contrast_of_two_later_waves() -> None:
    y = scores(40)
    found = mixed_model.fit(WAVES, y).contrast("w2", "w3", Role.SECONDARY)
    assert found.statistic == pytest.approx(stats.ttest_rel(y[:, 2], y[:, 1]).statistic, rel=1e-7)


def test_few_people_fall_back_to_compound_symmetry_and_say_so() -> None:
    y = scores(12)
    y[:6, 2] = np.nan
    found = mixed_model.fit(WAVES, y).contrast("w1", "w3", Role.SECONDARY)
    assert "compound-symmetric" in (found.note or "")
    assert found.df_method == "Kenward-Roger"


def test_too_few_people_and_constant_scores_are_declined_with_the_reason() -> None:
    few = mixed_model.fit(WAVES, scores(7))
    assert "needs at least 8" in (few.contrast("w1", "w2", Role.SECONDARY).declined or "")
    constant = mixed_model.fit(WAVES, np.full((20, 3), 50.0))
    assert "the same in every answer" in (constant.contrast("w1", "w2", Role.SECONDARY).declined or "")
    assert constant.wave_means("provider", "participant", [20, 20, 20]) == []


def test_covariates_leave_out_people_who_lack_one() -> None:
    age = np.arange(30.0)[:, None] + 20
    age[3] = np.nan
    adjusted = mixed_model.fit(WAVES, scores(30), age)
    assert (adjusted.n, adjusted.method) == (29, "mixed_model_adjusted")
