"""The engine on the reference jobs of lme4, lmerTest and pbkrtest, read where they lie.

R ran these at tolerances of its own; what its search left over is the tolerance here.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coprod_trust.mixed import Panel
from coprod_trust.mixed.fit import Fit
from tests.mixed.test_against_r import off

REFERENCE = Path(__file__).resolve().parents[2].parent / "shared" / "oracle"
JOBS: dict[str, dict[str, Any]] = (
    json.loads((REFERENCE / "lme4.json").read_text()) if (REFERENCE / "lme4.json").is_file() else {}
)
pytestmark = pytest.mark.skipif(not JOBS, reason="the reference results are not at ../shared/oracle")
LEAST = ["sleep_ri", "sleep_rs", "sleep_rs_ml", "s60w4", "s60w4_ml", "s60w2", "s60w2miss", "singular0"]


def fitted(name: str) -> Fit:
    job = JOBS[name]
    slope = re.search(r"\(1 \+ \w+ \|", job["f"]) is not None
    kwargs = {"random": "slope" if slope else "intercept", "reml": not name.endswith("_ml")}
    if name.startswith("sleep"):
        frame = pd.read_csv(REFERENCE / "sleepstudy.csv")
        return Panel.from_frame(frame, "Subject", "Days", "Reaction").fit("time", **kwargs)
    frame = pd.read_csv(REFERENCE / f"{name.removesuffix('_ml')}.csv")
    fixed = re.sub(r"\+ \(.*", "", job["f"].split("~")[1]).strip()
    return Panel.from_frame(frame, "pid", "wave", "y", between=["age", "female", "edu"]).fit(fixed, **kwargs)


@pytest.mark.parametrize("name", JOBS or LEAST)
def test_it_is_rs_answer(name: str) -> None:
    fit, job = fitted(name), JOBS[name]
    # a slope is found by a search that R stopped at about 1e-5 of the variances
    tolerance = 5e-5 if "rs" in name else 1e-6
    assert off(fit.beta, job["beta"]) < tolerance
    assert off(np.sqrt(np.diag(fit.covariance_of_beta)), job["se"]) < tolerance
    assert off(fit.theta, job["theta"]) < tolerance
    assert off(fit.sigma, job["sigma"]) < tolerance
    assert -1e-10 * abs(job["ll"]) < fit.loglik - job["ll"] < 1e-7
    assert fit.singular == job["singular"]
    if "satt" in job:
        assert off(fit.coefficients(df="satterthwaite")["df"], job["satt"]) < tolerance
    if "kr" in job:
        table = fit.coefficients(df="kenward-roger")
        assert off(table["df"], job["kr"]["df"]) < tolerance
        assert off(table["std_error"], job["kr"]["se"]) < tolerance
    for key, method in (("anova", "satterthwaite"), ("kranova", "kenward-roger")):
        joint = job.get(key, {"term": [], "F": [], "dd": []})
        for term, f, df in zip(*(np.atleast_1d(joint[k]) for k in ("term", "F", "dd")), strict=True):
            test = fit.wald({"Days": "time"}.get(str(term), str(term)), df=method)  # type: ignore[arg-type]
            assert off([test["F"], test["den_df"]], [f, df]) < tolerance
