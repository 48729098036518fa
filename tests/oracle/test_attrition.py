"""Weights, standardised differences, differences in differences and ordered regression against R (attrition.R)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coprod_trust.analysis import balance, difference, ordered, weighting
from tests.oracle.results import oracle

R = oracle("attrition")


def array(*path: str) -> np.ndarray:
    found = R
    for name in path:
        found = found[name]
    return np.array(found, dtype=float)


def test_a_weighted_mean_has_the_robust_error_of_survey() -> None:
    found = weighting.mean(array("weighted", "change"), array("weighted", "w"))
    assert (found.estimate, found.std_error) == pytest.approx((R["weighted"]["mean"], R["weighted"]["se"]), rel=1e-9)
    w = array("weighted", "w")
    assert found.df == pytest.approx(w.sum() ** 2 / (w**2).sum() - 1)


def test_a_standardised_difference_has_the_interval_of_bonett() -> None:
    found = balance.smd(array("smd", "a"), array("smd", "b"))
    assert [found.value, found.ci_low, found.ci_high] == pytest.approx(R["smd"]["d"], rel=1e-9)
    share = balance.smd(array("smd", "fa"), array("smd", "fb"), share=True)
    assert [share.value, share.ci_low, share.ci_high] == pytest.approx(R["smd"]["share"], rel=1e-9)


def two_groups() -> difference.Question:
    member = array("did", "group") == 1
    return difference.Question(
        "provider", "w1", "w2", "others", array("did", "y1"), array("did", "y2"), member, False, "to w2"
    )


def test_the_difference_in_differences_is_the_wave_by_group_term_of_gls() -> None:
    """The Kenward-Roger error is a little above gls's, which takes the covariance as known."""
    found = difference.by_model(two_groups())
    assert found.estimate == pytest.approx(R["did"]["mixed"][0], rel=1e-5)
    assert R["did"]["mixed"][1] <= found.std_error < 1.03 * R["did"]["mixed"][1]
    assert sum(two_groups().followed) - 2 < found.df < len(two_groups().start)
    found = difference.by_changes(two_groups())
    welch = R["did"]["welch"]
    assert [found.estimate, found.std_error, found.df, found.p_value, found.ci_low, found.ci_high] == pytest.approx(
        [welch["estimate"], welch["se"], welch["df"], welch["p"], *welch["ci"]], rel=1e-8
    )


def test_on_complete_data_the_model_is_the_pooled_t_test_of_the_changes() -> None:
    q = two_groups()
    full = ~np.isnan(q.end)
    q = replace(q, start=q.start[full], end=q.end[full], participant=q.participant[full])
    found, pooled = difference.by_model(q), R["did"]["pooled"]
    assert [found.estimate, found.std_error, found.df, found.p_value] == pytest.approx(
        [pooled["estimate"], pooled["se"], pooled["df"], pooled["p"]], rel=1e-6
    )


def test_proportional_odds_are_those_of_polr_and_of_statsmodels() -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    level = array("ordered", "level").astype(int) - 1
    x, z = array("ordered", "x"), array("ordered", "z")
    one, both = R["ordered"]["one"], R["ordered"]["both"]
    (found,) = ordered.fit(level, x[:, None])
    assert [found.estimate, found.std_error] == pytest.approx([one["coef"], one["se"]], rel=1e-4)
    assert [found.ci_low, found.ci_high] == pytest.approx(R["ordered"]["profile"], abs=2e-3), "polr interpolates"
    assert found.chi2 == pytest.approx(2 * (one["loglik"] - R["ordered"]["null"]), rel=1e-5)
    together = ordered.fit(level, np.column_stack([x, z]))
    assert [c.estimate for c in together] == pytest.approx(both["coef"], rel=1e-4)
    assert [c.std_error for c in together] == pytest.approx(both["se"], rel=1e-4)
    assert together[1].chi2 == pytest.approx(2 * (both["loglik"] - one["loglik"]), rel=1e-5)
    theirs = OrderedModel(level, x[:, None], distr="logit").fit(method="bfgs", disp=0)
    assert [theirs.params[0], theirs.bse[0]] == pytest.approx([found.estimate, found.std_error], rel=1e-3)
