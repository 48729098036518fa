"""statsmodels' mixed model as a check: when it declines, and that nothing passes in silence."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import mixed_check
from coprod_trust.analysis.finding import Role

WAVES = ("w1", "w2", "w3")


def scores(n: int = 30, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(60, 12, n)[:, None] + np.array([0, -9, -8]) + rng.normal(0, 8, (n, 3))


def test_on_complete_data_it_gives_the_observed_means():
    values = scores()
    fit = mixed_check.fit(WAVES, values)
    assert fit.means == pytest.approx(values.mean(axis=0), abs=1e-4)
    estimate = fit.contrast("w1", "w3", Role.CHECK)
    assert estimate.estimate == pytest.approx((values[:, 2] - values[:, 0]).mean(), abs=1e-4)
    assert "z, not t" in estimate.note


def test_people_with_one_wave_are_in_the_model():
    values = scores()
    values[:5, 1:] = np.nan
    fit = mixed_check.fit(WAVES, values)
    assert fit.n == 30


def test_people_without_a_covariate_are_not_in_the_adjusted_model():
    values = scores()
    age = np.repeat(np.random.default_rng(2).normal(40, 10, (30, 1)), 3, axis=1)[..., None]
    age[:4] = np.nan
    fit = mixed_check.fit(WAVES, values, age)
    assert (fit.n, fit.method) == (26, "mixedlm_adjusted")


def test_adjusting_for_a_covariate_that_changes_between_waves_moves_the_contrast():
    rng = np.random.default_rng(3)
    hours = rng.normal(20, 5, (40, 2)) + np.array([0, -10])
    values = rng.normal(60, 10, 40)[:, None] + 0.8 * hours + rng.normal(0, 2, (40, 2))
    plain = mixed_check.fit(("w1", "w2"), values).contrast("w1", "w2", Role.CHECK)
    adjusted = mixed_check.fit(("w1", "w2"), values, hours[..., None]).contrast("w1", "w2", Role.SECONDARY)
    assert plain.estimate == pytest.approx(-8, abs=2)
    assert adjusted.estimate == pytest.approx(0, abs=2)


@pytest.mark.parametrize(
    ("values", "covariates", "reason"),
    [
        (scores(7), None, "at least 8 people"),
        (np.tile([60.0, 55, 50], (20, 1)), None, "do not vary"),
        (np.where(np.arange(20)[:, None] % 3 == np.arange(3), scores(20), np.nan), None, "more than one wave"),
        (scores(20), np.ones((20, 3, 1)), "cannot be told apart"),
        (np.full((20, 3), np.nan), None, "at least 8 people"),
    ],
)
def test_it_declines_with_a_reason(values, covariates, reason):
    fit = mixed_check.fit(WAVES, values, covariates)
    assert fit.declined is not None and reason in fit.declined
    estimate = fit.contrast("w1", "w2", Role.CHECK)
    assert estimate.estimate is None and estimate.declined == fit.declined


def test_very_many_people_are_left_to_the_engine(monkeypatch):
    monkeypatch.setattr(mixed_check, "MOST_PEOPLE", 20)
    assert "more than 20 people" in mixed_check.fit(WAVES, scores(21)).declined


def test_a_model_that_does_not_converge_is_said_to(monkeypatch):
    from statsmodels.regression.mixed_linear_model import MixedLMResults

    monkeypatch.setattr(MixedLMResults, "converged", False, raising=False)
    monkeypatch.setattr(MixedLMResults, "__setattr__", _keep_unconverged)
    assert mixed_check.fit(WAVES, scores()).declined == "the model did not converge"


def _keep_unconverged(self: object, name: str, value: object) -> None:
    object.__setattr__(self, name, False if name == "converged" else value)


def test_a_wave_without_scores_is_left_out_of_the_model_and_its_contrast_declined():
    values = scores()
    values[:, 2] = np.nan
    fit = mixed_check.fit(WAVES, values)
    assert fit.waves == ("w1", "w2")
    assert fit.contrast("w1", "w3", Role.CHECK).declined == "one of the waves has no scores in this model"
