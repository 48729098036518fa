"""Where the libraries go wrong on the installed versions, and that ours does not go with them.

A test here that fails on its first half means that a library has changed: read what it does now before touching ours.
"""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from scipy import stats

from coprod_trust.analysis import (
    correlation,
    detectable,
    effect_size,
    imputation,
    mixed_check,
    mixed_model,
    multiplicity,
    paired,
    reliability,
)
from coprod_trust.analysis.finding import Role

SLEEP_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def test_pingouin_runs_an_unpaired_test_on_pairs_of_unequal_length_and_ours_refuses():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pg.ttest(SLEEP_1, SLEEP_2[:-1], paired=True)
    assert float(theirs["dof"].iloc[0]) > 10
    with pytest.raises(ValueError, match="same length"):
        paired.differences(SLEEP_1, SLEEP_2[:-1])


def test_pingouins_cohen_d_of_pairs_is_an_unsigned_d_av_and_ours_are_signed():
    column = next(c for c in pg.ttest(SLEEP_1, SLEEP_2, paired=True).columns if c.lower().startswith("cohen"))
    theirs = [float(pg.ttest(a, b, paired=True)[column].iloc[0]) for a, b in ((SLEEP_1, SLEEP_2), (SLEEP_2, SLEEP_1))]
    assert theirs[0] == theirs[1] > 0
    sd = [float(x.std(ddof=1)) for x in (SLEEP_2, SLEEP_1)]
    r = float(np.corrcoef(SLEEP_1, SLEEP_2)[0, 1])
    ours = effect_size.cohen_d_av(-1.58, *sd, r, 10)
    assert ours.value == pytest.approx(-theirs[0], abs=1e-3)
    assert ours.ci_low < ours.value < ours.ci_high


def test_pingouin_gives_a_huge_t_for_a_constant_difference_and_ours_none():
    start = np.array([50.0, 60, 70, 80, 55.3, 61.1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pg.ttest(start - 0.1, start, paired=True)
    t = float(theirs["T"].iloc[0])
    assert not np.isfinite(t) or abs(t) > 1e12
    ours = paired.paired_t(paired.differences(start, start - 0.1))
    assert (ours.mean, ours.t, ours.p_value) == (-0.1, None, None)


def test_pingouins_paired_hedges_g_uses_the_wrong_degrees_of_freedom():
    theirs = pg.compute_effsize(SLEEP_1, SLEEP_2, paired=True, eftype="hedges")
    d_av = pg.compute_effsize(SLEEP_1, SLEEP_2, paired=True, eftype="cohen")
    assert theirs / d_av == pytest.approx(1 - 3 / (4 * 18 - 1), abs=5e-3)
    assert effect_size.hedges_correction(9) == pytest.approx(1 - 3 / (4 * 9 - 1), abs=2e-3)


def test_pingouin_rounds_the_paired_interval_and_ours_is_not():
    theirs = pg.ttest(SLEEP_1, SLEEP_2, paired=True)
    interval = next(theirs[c].iloc[0] for c in theirs.columns if "95" in c)
    assert list(interval) == [round(float(x), 2) for x in interval]
    ours = paired.paired_t(paired.differences(SLEEP_2, SLEEP_1))
    exact = stats.ttest_rel(SLEEP_1, SLEEP_2).confidence_interval()
    assert ours.ci95 == pytest.approx((exact.low, exact.high), rel=1e-9)
    assert ours.ci95 != pytest.approx(tuple(interval), rel=1e-6)


def test_scipys_exact_wilcoxon_is_wrong_with_ties_and_ours_counts_them():
    moved = np.array([-1.0, -1, -1, 2, 2, -3, 3, -4, -4, 5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = float(stats.wilcoxon(moved, method="exact").pvalue)
    signs = ((np.arange(2**10)[:, None] >> np.arange(10)) & 1) * 2 - 1
    ranks = stats.rankdata(np.abs(moved))
    true = float(np.mean(np.abs(signs @ ranks) >= abs(np.sign(moved) @ ranks) - 1e-9))
    assert theirs != pytest.approx(true, abs=1e-3)
    assert paired.sign_flip(moved, 99, np.random.default_rng(1)).p_ranks == pytest.approx(true, abs=1e-12)


def test_pingouins_alpha_takes_n_from_before_listwise_deletion_and_rounds():
    import pandas as pd

    rng = np.random.default_rng(1)
    items = rng.normal(0, 1, 60)[:, None] + rng.normal(0, 1, (60, 3))
    gaps = items.copy()
    gaps[:30, 0] = np.nan
    value, low, high = reliability.alpha_with_interval(items[30:])
    right, interval = pg.cronbach_alpha(pd.DataFrame(items[30:]))
    assert [value, round(low, 3), round(high, 3)] == pytest.approx([right, *interval], abs=1e-12)
    _, wrong = pg.cronbach_alpha(pd.DataFrame(gaps), nan_policy="listwise")
    assert wrong[1] - wrong[0] < 0.8 * (high - low)


def test_pingouins_bayes_factor_divides_by_zero_for_a_very_large_t_and_ours_is_none():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ZeroDivisionError):
            pg.bayesfactor_ttest(60.0, 100_000, paired=True)
    assert paired.bayes_factor(60.0, 100_000) is None


def test_statsmodels_multipletests_agrees_with_what_we_use():
    from statsmodels.stats.multitest import multipletests

    p = [0.011, 0.02, 0.8, 0.04, 0.0004]
    for ours, theirs in (("holm", "holm"), ("benjamini_hochberg", "fdr_bh")):
        assert multiplicity.adjust(p, ours) == pytest.approx(list(multipletests(p, method=theirs)[1]), abs=1e-12)


def test_statsmodels_ttost_paired_agrees_with_what_we_use():
    from statsmodels.stats.weightstats import ttost_paired

    theirs = float(ttost_paired(SLEEP_1, SLEEP_2, -2, 2)[0])
    assert paired.equivalence_p(SLEEP_1 - SLEEP_2, 2) == pytest.approx(theirs, rel=1e-9)


def test_statsmodels_mixedlm_has_z_only_and_is_labelled_so():
    from statsmodels.regression.mixed_linear_model import MixedLM

    rng = np.random.default_rng(2)
    scores = rng.normal(60, 12, 12)[:, None] + np.array([0, -6]) + rng.normal(0, 8, (12, 2))
    person = np.repeat(np.arange(12), 2)
    design = np.column_stack([np.ones(24), np.tile([0.0, 1], 12)])
    theirs = MixedLM(scores.ravel(), design, groups=person).fit(reml=True)
    z = float(theirs.fe_params[1] / theirs.bse_fe[1])
    assert float(theirs.pvalues[1]) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-6)
    ours = mixed_check.fit(("w1", "w2"), scores).contrast("w1", "w2", Role.CHECK)
    assert (ours.statistic_name, ours.df, ours.df_method, ours.verdict) == ("z", None, "none (z)", None)
    assert ours.statistic == pytest.approx(z, abs=1e-3)
    t = paired.paired_t(scores[:, 1] - scores[:, 0])
    assert ours.estimate == pytest.approx(t.mean, abs=1e-6)
    assert ours.p_value < t.p_value


def test_a_random_intercept_at_its_boundary_is_not_the_paired_test_and_says_so():
    rng = np.random.default_rng(5)
    first = rng.normal(60, 10, 30)
    second = 120 - first + rng.normal(-3, 5, 30)
    found = mixed_check.fit(("w1", "w2"), np.column_stack([first, second])).contrast("w1", "w2", Role.CHECK)
    t = paired.paired_t(second - first)
    assert abs(found.statistic) > 1.2 * abs(t.t)
    assert "singular" in found.note


def test_the_repeated_measures_correlation_of_two_waves_is_fooled_by_a_common_decline_and_ours_is_not():
    import pandas as pd

    rng = np.random.default_rng(3)
    n = 60
    x, y = (np.column_stack([s, s - 15 + rng.normal(0, 8, n)]) for s in rng.normal(60, 10, (2, n)))
    long = pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "person": np.repeat(np.arange(n), 2)})
    theirs = pg.rm_corr(long, x="x", y="y", subject="person")
    assert float(theirs["r"].iloc[0]) > 0.6
    assert abs(correlation.pearson(x[:, 1] - x[:, 0], y[:, 1] - y[:, 0])) < 0.3


def test_pingouins_power_of_a_paired_test_is_that_of_an_unpaired_effect_and_none_is_printed_here():
    from statsmodels.stats.power import TTestPower

    rng = np.random.default_rng(1)
    start = rng.normal(60, 15, 30)
    end = start - 4 + rng.normal(0, 6, 30)
    theirs = float(pg.ttest(end, start, paired=True)["power"].iloc[0])
    d_av = abs(pg.compute_effsize(end, start, paired=True, eftype="cohen"))
    d_z = abs((end - start).mean() / (end - start).std(ddof=1))
    assert theirs == pytest.approx(TTestPower().power(d_av, 30, 0.05), abs=1e-6)
    assert TTestPower().power(d_z, 30, 0.05) > 2 * theirs
    # What we print is what could have been seen: 80 % power, whatever was found.
    nc = detectable.noncentrality(29, 0.05)
    assert TTestPower().power(nc / 30**0.5, 30, 0.05) == pytest.approx(0.8, abs=1e-6)


def test_pingouins_anovas_drop_ten_people_of_forty_without_a_word_and_our_model_keeps_them():
    rng = np.random.default_rng(2)
    y = rng.normal(60, 10, (40, 1)) + rng.normal(0, 8, (40, 3))
    y[:10, 2] = np.nan
    long = pd.DataFrame(
        {"pid": np.repeat(range(40), 3), "wave": list("abc") * 40, "y": y.ravel(), "group": np.repeat(["u", "v"], 60)}
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        repeated = pg.rm_anova(long, dv="y", within="wave", subject="pid")
        mixed = pg.mixed_anova(long, dv="y", within="wave", between="group", subject="pid")
    assert not [w for w in said if not issubclass(w.category, (DeprecationWarning, FutureWarning))]
    assert float(repeated["ddof2"].iloc[0]) == 2 * (30 - 1)
    assert float(mixed["DF2"].iloc[0]) == 30 - 2
    ours = mixed_model.fit(("a", "b", "c"), y)
    assert ours.engine is not None and ours.engine.n_people == 40


def test_pingouins_interval_of_a_paired_d_misses_its_level_and_bonetts_does_not():
    rng = np.random.default_rng(3)
    true, n, r = 0.5, 30, 0.9
    theirs, ours = [], []
    for _ in range(600):
        start = rng.normal(0, 1, n)
        end = true + r * start + (1 - r * r) ** 0.5 * rng.normal(0, 1, n)
        d = abs(pg.compute_effsize(end, start, paired=True, eftype="cohen"))
        low, high = pg.compute_esci(d, nx=n, ny=n, paired=True, eftype="cohen", decimals=6)
        theirs.append(low < true < high)
        sd = start.std(ddof=1), end.std(ddof=1)
        effect = effect_size.cohen_d_av(end.mean() - start.mean(), *sd, np.corrcoef(start, end)[0, 1], n)
        ours.append(effect.ci_low < true < effect.ci_high)
    assert np.mean(theirs) > 0.985
    assert 0.93 < np.mean(ours) < 0.97


def test_statsmodels_mice_matches_twenty_donors_and_has_a_normal_p_and_ours_has_barnard_and_rubins_df():
    from statsmodels.imputation.mice import MICE, MICEData
    from statsmodels.regression.linear_model import OLS

    assert inspect.signature(MICEData).parameters["k_pmm"].default == 20
    rng = np.random.default_rng(4)
    start = rng.normal(60, 15, 24)
    change = -6 - 0.3 * (start - 60) + rng.normal(0, 10, 24)
    data = pd.DataFrame({"start": start, "change": np.where(np.arange(24) < 8, np.nan, change)})
    np.random.seed(1)
    theirs = MICE("change ~ start", OLS, MICEData(data, k_pmm=5)).fit(n_burnin=2, n_imputations=5)
    assert theirs.pvalues == pytest.approx(2 * stats.norm.sf(np.abs(theirs.tvalues)))
    stayed = np.arange(24) >= 8
    none = np.empty((24, 0))
    drawn = imputation.impute_change(start[:, None], none, np.where(stayed, change, np.nan), rng)
    assert imputation.pool(change[stayed], drawn, 0.0).df < 23
