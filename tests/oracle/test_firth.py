"""Firth's logistic regression against brglm2, a profile worked out without derivatives (firth.R), and print."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from coprod_trust.analysis import firth
from tests.oracle.results import oracle

JOBS = oracle("firth")


@pytest.mark.parametrize("name", sorted(JOBS))
def test_coefficients_intervals_and_tests_are_those_of_r(name: str) -> None:
    job = JOBS[name]
    found = firth.fit(np.array(job["y"]) == 1, np.array(job["X"], float), job["names"])
    assert [found.intercept, *(c.estimate for c in found.coefficients)] == pytest.approx(job["coef"], rel=1e-5)
    assert [c.std_error for c in found.coefficients] == pytest.approx(np.atleast_1d(job["se"])[1:], rel=1e-5)
    ends = {"low": "ci_low", "high": "ci_high", "chi2": "chi2", "p": "p_value"}
    for what, ours in ends.items():
        expected = np.atleast_1d(job[what])
        assert [getattr(c, ours) for c in found.coefficients] == pytest.approx(expected, rel=2e-4), what


def test_the_published_analysis_of_the_endometrial_data_is_reproduced() -> None:
    """Heinze & Schemper (2002), table: neovasculization 2.93 (0.61 to 7.85), PI -0.03 (-0.12 to 0.04), EH -2.60
    (-4.37 to -1.23)."""
    job = JOBS["endometrial"]
    found = firth.fit(np.array(job["y"]) == 1, np.array(job["X"], float), job["names"])
    printed = {c.name: tuple(round(v, 2) for v in (c.estimate, c.ci_low, c.ci_high)) for c in found.coefficients}
    assert printed == {"NV": (2.93, 0.61, 7.85), "PI": (-0.03, -0.12, 0.04), "EH": (-2.60, -4.37, -1.23)}


def test_statsmodels_has_no_finite_answer_where_a_predictor_separates() -> None:
    import statsmodels.api as sm

    job = JOBS["endometrial"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = sm.Logit(np.array(job["y"]), sm.add_constant(np.array(job["X"], float))).fit(disp=0, maxiter=100)
    assert abs(result.params[1]) > 10
    assert result.bse[1] > 100
