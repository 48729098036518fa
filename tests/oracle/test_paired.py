"""Paired tests and effect sizes against R (paired.R) and published values."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import effect_size, multiplicity, paired
from tests.oracle.results import oracle

JOBS = oracle("paired")["jobs"]
ADJUSTED = oracle("paired")["adjusted"]


@pytest.fixture(params=sorted(JOBS))
def job(request):
    return JOBS[request.param]


def change(job: dict) -> np.ndarray:
    return paired.differences(np.array(job["start"], float), np.array(job["end"], float))


def test_paired_t_equals_t_test(job):
    test = paired.paired_t(change(job))
    assert (test.n, test.df) == (job["n"], job["df"])
    found = [test.mean, test.std_error, test.t, test.p_value, *test.ci95, *test.ci90]
    expected = [job["mean"], job["se"], job["t"], job["p"], *job["ci95"], *job["ci90"]]
    assert found == pytest.approx(expected, rel=1e-8)


def test_students_sleep_data_as_published():
    test = paired.paired_t(change(JOBS["sleep"]))
    assert test.t == pytest.approx(-4.0621, abs=5e-5)
    assert test.df == 9
    assert test.p_value == pytest.approx(0.002833, abs=5e-7)


def test_effect_sizes_and_intervals_equal_effectsize(job):
    test = paired.paired_t(change(job))
    d_z = effect_size.cohen_d_z(test.mean, test.sd, test.n)
    g = effect_size.hedges_g(d_z, test.n)
    # effectsize finds its limits by an optimiser that stops early.
    assert [d_z.value, g.value] == pytest.approx([job["d_z"], job["g"]], rel=1e-8)
    assert [d_z.ci_low, d_z.ci_high] == pytest.approx(job["d_z_ci"], abs=2e-4)
    assert [g.ci_low, g.ci_high] == pytest.approx(job["g_ci"], abs=2e-4)


def test_rank_biserial_equals_effectsize(job):
    ranks = paired.signed_ranks(change(job))
    rb = effect_size.rank_biserial(ranks.positive, ranks.negative, ranks.n_nonzero)
    assert rb.value == pytest.approx(job["rb"], rel=1e-9)
    if abs(rb.value) < 1:
        assert [rb.ci_low, rb.ci_high] == pytest.approx(job["rb_ci"], rel=1e-9)


def test_bonetts_interval_of_d_av_as_published():
    # The worked example of ci.stdmean.ps in Bonett's statpsych: 110.4 and 102.1, SD 15.3 and 14.6, r .75, n 25.
    d_av = effect_size.cohen_d_av(110.4 - 102.1, 15.3, 14.6, 0.75, 25)
    assert [d_av.value, d_av.ci_low, d_av.ci_high] == pytest.approx([0.5550319, 0.2394905, 0.8705732], abs=5e-7)


@pytest.mark.parametrize("name", sorted(n for n, j in JOBS.items() if "exact" in j))
def test_sign_flip_and_wilcoxon_are_exact_in_small_samples(name):
    job = JOBS[name]
    flip = paired.sign_flip(change(job), 999, np.random.default_rng(1))
    assert flip.resamples is None
    assert [flip.p_mean, flip.p_ranks] == pytest.approx([job["exact"]["mean"], job["exact"]["ranks"]], abs=1e-12)


@pytest.mark.parametrize("n", [30, 3000])
def test_random_sign_patterns_come_near_the_exact_p(n):
    values = np.round(np.random.default_rng(3).normal(0.25 * (30 / n) ** 0.5, 1, n), 1)
    flip = paired.sign_flip(values, 9999, np.random.default_rng(4))
    t = paired.paired_t(values)
    assert flip.resamples == 9999
    assert flip.p_mean == pytest.approx(t.p_value, abs=0.015)


def test_tost_equals_two_one_sided_t_tests(job):
    assert paired.equivalence_p(change(job), 5) == pytest.approx(job["tost5"], rel=1e-8)


def test_bayes_factor_equals_the_r_package(job):
    test = paired.paired_t(change(job))
    assert paired.bayes_factor(test.t, test.n) == pytest.approx(job["bf10"], rel=1e-3)


def test_holm_and_benjamini_hochberg_equal_p_adjust():
    for method in ("holm", "benjamini_hochberg"):
        assert multiplicity.adjust(ADJUSTED["p"], method) == pytest.approx(ADJUSTED[method], abs=1e-12)
    assert multiplicity.adjust(ADJUSTED["p"], "none") == ADJUSTED["p"]


def test_noncentral_interval_puts_t_at_its_tail_probabilities():
    from scipy.stats import nct

    for t, df in ((-4.06, 9), (0.3, 47), (7.0, 47), (12.0, 400)):
        low, high = effect_size.noncentrality_interval(t, df)
        # scipy's nct is not finite for some negative t, so the mirror image is evaluated there.
        a, b = (low, high) if t >= 0 else (-high, -low)
        assert nct.cdf(abs(t), df, a) == pytest.approx(0.975, abs=1e-9)
        assert nct.cdf(abs(t), df, b) == pytest.approx(0.025, abs=1e-9)
