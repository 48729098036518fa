"""Change by the engine: the model that decides, its refits without people, and what makes it decline."""

import numpy as np
import pytest
from scipy import stats

from coprod_trust.analysis import effect_size, mixed_model, paired
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


def test_on_two_complete_waves_effect_and_intervals_are_the_paired_tests() -> None:
    y = scores(25)[:, :2]
    change = paired.differences(y[:, 0], y[:, 1])
    test = paired.paired_t(change)
    d_z = effect_size.cohen_d_z(test.mean, test.sd, test.n)
    found = mixed_model.fit(WAVES[:2], y)
    estimate, figures = found.contrast("w1", "w2", Role.PRIMARY), found.change("w1", "w2")
    assert not isinstance(figures, str)
    assert (estimate.effect_size, estimate.effect_ci_low, estimate.effect_ci_high) == pytest.approx(
        (d_z.value, d_z.ci_low, d_z.ci_high), rel=1e-6
    )
    assert (*figures.ci95, *figures.ci90) == pytest.approx((*test.ci95, *test.ci90), rel=1e-7)
    assert (figures.mean_from, figures.mean_to) == pytest.approx((y[:, 0].mean(), y[:, 1].mean()))


def gaps(people: int = 40, seed: int = 4) -> np.ndarray:
    """Three waves, with people who left, missed a wave, or came later."""
    y, r = scores(people, seed), np.random.default_rng(seed)
    y[r.random(people) < 0.25, 2] = np.nan
    y[r.random(people) < 0.15, 1] = np.nan
    y[:2, 0] = np.nan
    return y


def test_without_people_it_is_the_model_of_the_others() -> None:
    y = gaps()
    out = np.zeros(len(y), dtype=bool)
    out[[0, 5, 17, 30]] = True  # the first is not in the model anyway
    found = mixed_model.fit(WAVES, y).without(out).change("w1", "w3")
    fresh = mixed_model.fit(WAVES, y[~out]).change("w1", "w3")
    assert not isinstance(found, str) and not isinstance(fresh, str)
    assert (found.estimate, found.std_error, found.df) == pytest.approx(
        (fresh.estimate, fresh.std_error, fresh.df), rel=1e-8
    )


@pytest.mark.parametrize("contrast", [("w1", "w3"), ("w2", "w3")])
def test_the_most_influential_are_those_whose_leaving_moves_the_change_most(contrast: tuple[str, str]) -> None:
    """Against leaving each out in turn, with the covariance as it was fitted: GLS by hand."""
    y = gaps()
    model = mixed_model.fit(WAVES, y)
    assert model.engine is not None
    v = model.engine.marginal_covariance
    a, b = (WAVES.index(w) for w in contrast)

    def change(people: np.ndarray) -> float:
        xx, xy = np.zeros((3, 3)), np.zeros(3)
        for row in people:
            has = np.flatnonzero(~np.isnan(row))
            inverse = np.linalg.inv(v[np.ix_(has, has)])
            xx[np.ix_(has, has)] += inverse
            xy[has] += inverse @ row[has]
        means = np.linalg.solve(xx, xy)
        return float(means[b] - means[a])

    inside = np.flatnonzero(~np.isnan(y[:, 0]))
    moved = {k: change(np.delete(y, [0, 1, k], axis=0)) - change(y[inside]) for k in inside}
    expected = sorted(moved, key=lambda k: -abs(moved[k]))[:2]
    assert sorted(np.flatnonzero(model.most_influential(*contrast))) == sorted(expected)


def test_on_two_complete_waves_the_most_influential_lie_farthest_from_the_mean_change() -> None:
    y = scores(30)[:, :2]
    found = mixed_model.fit(WAVES[:2], y).most_influential("w1", "w2")
    assert set(np.flatnonzero(found)) == set(paired.most_influential(paired.differences(y[:, 0], y[:, 1])))
