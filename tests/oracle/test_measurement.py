"""Omega, invariance, the starting level and likeness within teams against R (measurement.R) and published values."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import clusters, factor, invariance, item_change, paired, structural
from coprod_trust.analysis.finding import Estimate, Role, Verdict
from tests.oracle.results import oracle

R = oracle("measurement")
ANSWERS = np.array(R["answers"], float).reshape(-1, R["waves"], R["items"])


def test_the_three_models_of_invariance_fit_as_in_lavaan():
    found = invariance.invariance(ANSWERS)
    assert (found.declined, found.grade, found.n) == (None, "evidence", 300)
    for model in found.models:
        r = R["invariance"][model.model]
        assert model.df == r["df"]
        ours = [model.chi2, model.p_value, model.cfi, model.rmsea, model.rmsea_ci_low, model.rmsea_ci_high, model.srmr]
        names = ("chisq", "pvalue", "cfi", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "srmr")
        assert ours == pytest.approx([r[n] for n in names], rel=1e-4, abs=1e-6)


def test_what_the_constraints_cost_is_the_difference_of_lavaans_models():
    _, metric, scalar = invariance.invariance(ANSWERS).models
    r = R["invariance"]
    assert metric.delta_chi2 == pytest.approx(r["metric"]["chisq"] - r["configural"]["chisq"], rel=1e-4)
    assert (metric.delta_df, scalar.delta_df) == (6, 6)
    assert scalar.delta_cfi == pytest.approx(r["scalar"]["cfi"] - r["metric"]["cfi"], abs=1e-6)
    # The answers were made with one intercept and one loading that differ.
    assert (metric.holds, scalar.holds) == (True, False)


def test_the_factors_means_are_lavaans():
    spec = invariance.Spec("scalar", 3, 4)
    flat = ANSWERS.reshape(300, -1)
    data = structural.sample(flat)
    free = structural.moments(data)
    assert free is not None
    state = None
    for name in invariance.MODELS:
        spec, before = invariance.Spec(name, 3, 4), spec
        start = spec.start(free.mean, free.covariance) if state is None else spec.inherit(state, before)
        state = structural.maximise(spec, start, data)
        assert state is not None
    assert list(spec.part(state, "means")) == pytest.approx(R["scalar_means"], rel=1e-4)


def test_omega_is_lavaans_and_its_error_the_robust_one():
    o = R["omega"]
    attitude, five = (np.array(o[k], float) for k in ("attitude", "five"))
    value, *_ = factor.omega_with_interval(attitude)
    assert value == pytest.approx(o["attitude_omega"], rel=1e-6)
    value, low, high = factor.omega_with_interval(five)
    assert value == pytest.approx(o["five_omega"], rel=1e-6)
    logit = np.log(np.array([low, high]) / (1 - np.array([low, high])))
    error = float(np.diff(logit)[0]) / 2 / 1.959963984540054 * value * (1 - value)
    assert error == pytest.approx(o["five_se"], rel=0.01)


def test_omega_of_standardised_items_comes_near_that_of_psych():
    """psych divides by the observed variance of the sum, lavaan and we by the model's."""
    o = R["omega"]
    attitude = np.array(o["attitude"], float)
    value, *_ = factor.omega_with_interval((attitude - attitude.mean(axis=0)) / attitude.std(axis=0))
    assert value == pytest.approx(o["lavaan_standardised"], rel=1e-6)
    assert value == pytest.approx(o["psych_standardised"], abs=0.01)


def test_the_interval_of_omega_covers_it_in_small_skewed_samples():
    rng = np.random.default_rng(3)
    loadings, steps = np.array([0.9, 0.8, 1.1, 0.7]), np.array([-2, -1.4, -0.6, 0.3])

    def draw(n: int) -> np.ndarray:
        return np.digitize(rng.normal(size=(n, 1)) * loadings + rng.normal(0, 0.8, (n, 4)), steps).astype(float)

    true = factor.one_factor(np.cov(draw(400_000).T)).omega
    found = [factor.omega_with_interval(draw(60)) for _ in range(400)]
    covered = np.mean(
        [low <= true <= high for value in found if not isinstance(value, str) for _, low, high in [value]]
    )
    assert 0.91 < covered < 0.98


def test_the_starting_level_equals_cor_test_and_lm():
    r = R["level"]
    oldham, blomqvist = item_change.starting_level(np.array(r["start"]), np.array(r["end"]), r["reliability"])
    assert [oldham.estimate, oldham.p_value, oldham.ci_low, oldham.ci_high] == pytest.approx(
        [r["oldham"], r["oldham_p"], *r["oldham_ci"]], rel=1e-9
    )
    assert [blomqvist.estimate, blomqvist.std_error] == pytest.approx([r["blomqvist"], r["blomqvist_se"]], rel=1e-9)


def test_jacobson_and_truaxs_own_example():
    error = item_change.jacobson_truax(7.5, 0.80)
    assert (round(error, 3), round((47.5 - 32.5) / error, 3)) == (4.743, 3.162)


def test_likeness_within_teams_equals_aov_and_psych():
    r = R["teams"]
    found = clusters.alike(np.array(r["change"], float), np.unique(r["team"], return_inverse=True)[1])
    assert [found.icc, found.ci_low, found.ci_high, found.size] == pytest.approx([r["icc"], *r["ci"], r["size"]])
    values = np.array(r["balanced"], float)
    even = clusters.alike(values.ravel(), np.repeat(np.arange(len(values)), values.shape[1]))
    assert [even.icc, even.ci_low, even.ci_high] == pytest.approx([r["balanced_icc"], *r["balanced_ci"]], abs=1e-6)


def test_the_design_effect_of_the_methods_and_the_widened_interval():
    assert np.sqrt(clusters.Alike(60, 5, 12.0, 0.06, 0.0, 0.2).design_effect) == pytest.approx(1.29, abs=0.003)
    r = R["teams"]
    change, team = np.array(r["change"], float), np.unique(r["team"], return_inverse=True)[1]
    plain = paired.paired_t(change)
    primary = Estimate("paired_t", Role.PRIMARY, plain.n, plain.mean, plain.std_error, plain.df)
    (found,) = clusters.widened(primary, change, team, lambda p, ci95, ci90: Verdict.INCONCLUSIVE)
    root = np.sqrt(1 + (r["size"] - 1) * r["icc"])
    assert found.ci_high - found.ci_low == pytest.approx(root * (plain.ci95[1] - plain.ci95[0]))
    assert "6 teams" in found.note and "itself uncertain" in found.note
