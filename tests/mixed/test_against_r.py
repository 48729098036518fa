"""The engine against lme4, lmerTest, pbkrtest and nlme::gls; oracle/make.R made the data and the results.

A figure is compared relative to its size, and absolutely below a thousandth of the outcome's unit.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coprod_trust.mixed import Panel
from coprod_trust.mixed.fit import Fit

ORACLE = Path(__file__).parent / "oracle"
RESULTS: dict[str, dict[str, Any]] = json.loads((ORACLE / "results.json").read_text())
MIXED = [k for k, v in RESULTS.items() if v["kind"] in ("intercept", "slope")]
REML = [k for k in MIXED if RESULTS[k]["reml"]]


def fitted(name: str) -> Fit:
    frame = pd.read_csv(ORACLE / f"{name}.csv")
    panel = Panel.from_frame(
        frame,
        participant="pid",
        wave="wave",
        outcome="y",
        between=["age", "female", "x"],
        varying=["hours"],
        time=frame.groupby("wave")["time"].first().to_dict(),
    )
    r = RESULTS[name]
    if r["kind"] in ("intercept", "slope"):
        return panel.fit(r["fixed"], random=r["kind"], reml=r["reml"])
    return panel.fit(r["fixed"], covariance=r["kind"], reml=r["reml"])


def off(ours: Any, theirs: Any) -> float:
    a, b = np.atleast_1d(np.asarray(ours, float)), np.atleast_1d(np.asarray(theirs, float))
    assert a.shape == b.shape
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-3)))


@pytest.mark.parametrize("name", RESULTS)
def test_coefficients_errors_and_likelihood(name: str) -> None:
    fit, r = fitted(name), RESULTS[name]
    assert off(fit.beta, r["beta"]) < 1e-6
    assert off(np.sqrt(np.diag(fit.covariance_of_beta)), r["se"]) < 1e-6
    # never below R's, and not above what rounding leaves
    assert abs(fit.loglik - r["ll"]) < 1e-12 * abs(r["ll"]) + 1e-10
    assert fit.n_observations == r["n"]


@pytest.mark.parametrize("name", MIXED)
def test_variance_parameters(name: str) -> None:
    fit, r = fitted(name), RESULTS[name]
    assert fit.theta is not None
    assert off(fit.theta, r["theta"]) < (1e-4 if r["kind"] == "slope" else 1e-6)
    assert off(fit.sigma, r["sigma"]) < 1e-6
    assert fit.singular == r["singular"]


@pytest.mark.parametrize("name", MIXED)
def test_satterthwaite(name: str) -> None:
    fit, r = fitted(name), RESULTS[name]
    assert off(fit.coefficients(df="satterthwaite")["df"], r["satt"]) < (1e-4 if r["kind"] == "slope" else 1e-6)


@pytest.mark.parametrize("name", REML)
def test_kenward_roger(name: str) -> None:
    fit, r = fitted(name), RESULTS[name]
    table = fit.coefficients(df="kenward-roger")
    tolerance = 1e-4 if r["kind"] == "slope" else 1e-6
    assert off(table["df"], r["kr_df"]) < tolerance
    assert off(table["std_error"], r["kr_se"]) < tolerance


@pytest.mark.parametrize("name", REML)
@pytest.mark.parametrize(("key", "method"), [("joint_kr", "kenward-roger"), ("joint_satt", "satterthwaite")])
def test_joint_tests(name: str, key: str, method: Any) -> None:
    fit, joint = fitted(name), RESULTS[name][key]
    terms, statistics, dfs = (np.atleast_1d(joint[k]) for k in ("term", "F", "dd"))
    tolerance = 1e-4 if RESULTS[name]["kind"] == "slope" else 1e-6
    for term, f, df in zip(terms, statistics, dfs, strict=True):
        test = fit.wald(str(term).replace("W", "wave"), df=method)
        assert off(test["F"], f) < tolerance
        assert off(test["den_df"], df) < tolerance


def test_a_published_example_sleepstudy() -> None:
    frame = pd.read_csv(ORACLE / "sleepstudy.csv")
    panel = Panel.from_frame(frame, participant="Subject", wave="Days", outcome="Reaction")
    fit = panel.fit("time", random="slope")
    assert fit.beta == pytest.approx([251.4051, 10.4673], abs=5e-5)
    # 612.10 was printed by a search that stopped at lme4's default tolerance
    assert fit.random_covariance[0, 0] == pytest.approx(612.10, abs=2e-2)
    assert fit.random_covariance[1, 1] == pytest.approx(35.07, abs=5e-3)
    assert fit.random_covariance[0, 1] == pytest.approx(9.60, abs=5e-3)
    assert fit.sigma is not None
    assert fit.sigma**2 == pytest.approx(654.94, abs=5e-3)
    assert fit.coefficients()["df"].to_numpy() == pytest.approx([17, 17], abs=1e-6)
