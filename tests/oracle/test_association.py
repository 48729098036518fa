"""Correlations, slopes, reliability, pooling and wave means against R (association.R) and published values."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import correlation, disattenuation, imputation, mixed_check, reliability, selection
from coprod_trust.analysis.finding import Role
from coprod_trust.analysis.seeds import RandomOrders
from tests.oracle.results import oracle

R = oracle("association")
X, Y, Z, X0, Y0 = (np.array(R[k]) for k in ("x", "y", "z", "x0", "y0"))
STARTS = np.column_stack([X0, Y0])


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_permutation_p_of_r():
    weak = correlation.permutation_p(X, Z, RandomOrders(1, 20000))
    from scipy.stats import pearsonr

    assert correlation.pearson(X, Y) == pytest.approx(R["pearson"]["r"], rel=1e-12)
    exact = R["pearson"]["permutation_p"]
    assert correlation.permutation_p(X, Y, RandomOrders(1, 20000)) == pytest.approx(exact, abs=3e-4)
    assert weak == pytest.approx(pearsonr(X, Z).pvalue, abs=0.01)


def test_bca_interval_of_r_comes_near_that_of_boot():
    found = correlation.pearson_interval(X, Y, 20000, rng())
    assert found == pytest.approx(R["pearson"]["bca"], abs=0.015)


def test_bca_interval_equals_scipys():
    from scipy.stats import bootstrap

    expected = bootstrap(
        (X, Y), lambda x, y: np.corrcoef(x, y)[0, 1], n_resamples=20000, paired=True, rng=rng(2), vectorized=False
    ).confidence_interval
    assert correlation.pearson_interval(X, Y, 20000, rng(3)) == pytest.approx(tuple(expected), abs=0.015)


def test_leave_one_out_correlations_are_those_of_the_others():
    expected = [np.corrcoef(np.delete(X, i), np.delete(Y, i))[0, 1] for i in range(len(X))]
    assert correlation.leave_one_out_pearson(X, Y) == pytest.approx(expected, rel=1e-10)


def test_slope_hc3_and_cooks_distance_equal_lm_and_sandwich():
    slope = correlation.adjusted_slope(X, Y, STARTS, 1999, rng())
    assert slope is not None
    assert [slope.slope, slope.std_error] == pytest.approx([R["slope"]["b"], R["slope"]["hc3"]], rel=1e-9)
    assert slope.df == R["slope"]["df"]
    assert slope.cooks_distance == pytest.approx(R["slope"]["cooks"], rel=1e-8)


def test_cooks_distance_equals_statsmodels():
    from statsmodels.api import OLS, add_constant
    from statsmodels.stats.outliers_influence import OLSInfluence

    slope = correlation.adjusted_slope(X, Y, STARTS, 99, rng())
    influence = OLSInfluence(OLS(Y, add_constant(np.column_stack([X, STARTS]))).fit())
    assert slope is not None
    assert slope.cooks_distance == pytest.approx(influence.cooks_distance[0], rel=1e-8)


def test_freedman_lane_equals_that_written_out_with_lm():
    strong = correlation.adjusted_slope(X, Y, STARTS, 1999, rng())
    weak = correlation.adjusted_slope(X, Z, STARTS, 9999, rng())
    assert strong is not None and weak is not None
    assert strong.p_value == pytest.approx(R["slope"]["freedman_lane"], abs=1e-3)
    assert weak.slope == pytest.approx(R["weak_slope"]["b"], rel=1e-9)
    assert weak.p_value == pytest.approx(R["weak_slope"]["freedman_lane"], abs=0.015)


def test_steiger_equals_psych():
    s = R["steiger"]
    found = correlation.steiger(s["r_xy"], s["r_xz"], s["r_yz"], s["n"])
    assert found is not None
    assert [found.z, found.p_value] == pytest.approx([s["z"], s["p"]], rel=1e-9)


def test_alpha_of_the_attitude_data_as_published_with_feldts_interval():
    items = np.array(R["alpha"]["items"], float)
    value, low, high = reliability.alpha_with_interval(items)
    assert value == pytest.approx(0.8431, abs=5e-5)
    assert [value, low, high] == pytest.approx([R["alpha"]["alpha"], *R["alpha"]["feldt"]], rel=1e-9)


def test_rubins_rules_equal_mice():
    r = R["rubin"]
    pooled = imputation.rubin(
        float(np.mean(r["q"])), float(np.mean(r["u"])), float(np.var(r["q"], ddof=1)), len(r["q"]), r["df_complete"]
    )
    assert [pooled.estimate, pooled.std_error**2, pooled.df] == pytest.approx(
        [r["estimate"], r["variance"], r["df"]], rel=1e-9
    )


def test_disattenuated_r_equals_that_written_out():
    d = R["disattenuation"]
    a0, a1, b0, b1 = (np.array(d[k], float) for k in ("a0", "a1", "b0", "b1"))
    found = disattenuation.estimate(("a", a0, a1), ("b", b0, b1), 999, rng())
    assert found.declined is None
    assert found.estimate == pytest.approx(d["corrected"], rel=1e-9)
    assert f"a {d['rel_a']:.2f}, b {d['rel_b']:.2f}; observed r {d['r']:.2f}" in str(found.note)
    assert found.ci_low < found.estimate < found.ci_high


def mixed() -> tuple[np.ndarray, np.ndarray]:
    m = R["mixed"]
    y, age = (np.array(m[k], float).reshape(3, -1).T for k in ("y", "age"))
    return y, age[..., None]


def test_mixedlm_gives_the_fixed_effects_of_lme4():
    scores, age = mixed()
    plain = mixed_check.fit(("w1", "w2", "w3"), scores)
    adjusted = mixed_check.fit(("w1", "w2", "w3"), scores, age)
    for fit, expected in ((plain, R["mixed"]["plain"]), (adjusted, R["mixed"]["adjusted"])):
        for position, wave in ((1, "w2"), (2, "w3")):
            found = fit.contrast("w1", wave, Role.CHECK)
            assert found.estimate == pytest.approx(expected["beta"][position], abs=2e-3)
            # Known of statsmodels: its standard errors are up to 1 % off where people are missing.
            assert found.std_error == pytest.approx(expected["se"][position], rel=0.01)
    assert plain.means == pytest.approx(R["mixed"]["means"]["beta"], abs=2e-3)


def test_two_groups_at_the_start_equal_t_test_and_effectsize():
    g = R["groups"]
    a, b = np.array(g["a"]), np.array(g["b"])
    test, effect = selection.welch(a, b), selection.hedges_g(a, b)
    found = [test.difference, test.std_error, test.df, test.t, test.p_value, *test.ci]
    assert found == pytest.approx([g["difference"], g["se"], g["df"], g["t"], g["p"], *g["ci"]], rel=1e-9)
    assert effect.value == pytest.approx(g["g"], rel=1e-8)
    # effectsize finds its limits by an optimiser that stops early.
    assert [effect.ci_low, effect.ci_high] == pytest.approx(g["g_ci"], abs=2e-4)
    assert selection.cliffs_delta(a, b) == pytest.approx(g["delta"], rel=1e-9)
    assert selection.permutation_p_of_ranks(a, b, RandomOrders(1, 9999)) == pytest.approx(g["ranks_p"], abs=0.01)
