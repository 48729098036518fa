"""Weights, standardised differences, differences in differences and ordered regression against R (attrition.R)."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import balance, weighting
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
