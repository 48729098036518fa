"""Random effects, fitted values, profile intervals and robust errors, against lme4 and formulae."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.mixed.test_against_r import ORACLE, fitted, off

SECOND: dict[str, Any] = json.loads((ORACLE / "second.json").read_text())


@pytest.mark.parametrize("name", SECOND["second"])
def test_random_effects_and_fitted_values_are_lme4s(name: str) -> None:
    r = SECOND["second"][name]
    frame = pd.read_csv(ORACLE / f"{name}.csv")
    passed = fitted(name).second_pass(frame, "pid", "wave", "y")
    assert passed.people["pid"].tolist() == r["pid"]
    effects = passed.people.drop(columns="pid").to_numpy()
    assert effects == pytest.approx(np.array(r["ranef"]).reshape(effects.shape), abs=2e-6)
    assert passed.rows["predicted"].to_numpy() == pytest.approx(np.array(r["predicted"]), abs=2e-6)
    assert passed.rows["fitted"].to_numpy() == pytest.approx(np.array(r["fitted"]), abs=2e-6)
    assert passed.rows["residual"].to_numpy() == pytest.approx((frame["y"] - passed.rows["predicted"]).to_numpy())


@pytest.mark.parametrize("name", SECOND["profiles"])
def test_profile_intervals_are_lme4s(name: str) -> None:
    found = fitted(name).variance_intervals()
    theirs = SECOND["profiles"][name]
    assert found.keys() == theirs.keys()
    # lme4 interpolates its profile by a spline, for a slope over a finer grid
    tolerance = 1e-4 if "slope" in found else 2e-3
    for part, ends in found.items():
        assert np.array(ends) == pytest.approx(np.array(theirs[part]), abs=tolerance)


def test_profile_intervals_are_refused_without_random_effects() -> None:
    with pytest.raises(ValueError, match="random effects"):
        fitted("un2").variance_intervals()


@pytest.mark.parametrize("name", SECOND["tests"])
@pytest.mark.parametrize("method", ["kenward-roger", "satterthwaite"])
def test_contrasts_and_means_by_group_are_those_of_lmertest_and_emmeans(name: str, method: Any) -> None:
    fit, r = fitted(name), SECOND["tests"][name]
    tolerance = 1e-4 if fit.kind == "random-slope" else 1e-6
    row = fit.contrast({"wave[T.3]": 1, "wave[T.2]": -1}, df=method)
    row.pop("term")
    keys = ["estimate", "std_error", "df", "statistic", "ci_low", "ci_high", "p_value"]
    assert off([row[k] for k in keys], r[method]["contrast"]) < tolerance
    theirs = pd.DataFrame(r[method]["means"])
    at = {v: value for v, value in (("age", 40), ("x", 0.5)) if v in fit.terms}
    if "female" in theirs:
        ours = fit.marginal_means(df=method, female=(0, 1), **at)
        assert ours["female"].tolist() == theirs["female"].tolist()
    else:
        ours = fit.marginal_means(df=method, **at)
    assert ours["wave"].tolist() == theirs["wave"].tolist()
    for column in ("estimate", "std_error", "df", "ci_low", "ci_high"):
        assert off(ours[column], theirs[column]) < tolerance
    assert off([fit.aic, fit.bic], [r["aic"], r["bic"]]) < 1e-9


def test_robust_errors_of_complete_two_wave_data_are_those_of_the_changes() -> None:
    r = np.random.default_rng(3)
    before = r.normal(50, 10, 40)
    change = r.normal(-4, 8, 40)
    frame = pd.DataFrame(
        {"pid": np.tile(np.arange(40), 2), "wave": np.repeat([1, 2], 40), "y": [*before, *(before + change)]}
    )
    from coprod_trust.mixed import Panel

    fit = Panel.from_frame(frame, "pid", "wave", "y").fit("wave", covariance="unstructured")
    robust = fit.second_pass(frame, "pid", "wave", "y").robust_covariance
    assert robust[1, 1] == pytest.approx(change.var(ddof=1) / 40, rel=1e-10)
    team = frame.assign(team=frame["pid"] // 8)
    by_team = fit.second_pass(team, "pid", "wave", "y", cluster="team").robust_covariance
    sums = pd.Series(change - change.mean()).groupby(np.arange(40) // 8).sum()
    assert by_team[1, 1] == pytest.approx((sums**2).sum() / 40**2 * 5 / 4, rel=1e-10)


def test_people_and_teams_that_do_not_fit_are_refused() -> None:
    frame = pd.read_csv(ORACLE / "n30w3gap.csv")
    fit = fitted("n30w3gap")
    twice = pd.concat([frame, frame.iloc[:1]])
    with pytest.raises(ValueError, match="two rows in one wave"):
        fit.second_pass(twice, "pid", "wave", "y")
    with pytest.raises(ValueError, match="more than one team"):
        fit.second_pass(frame.assign(team=frame["wave"]), "pid", "wave", "y", cluster="team")
    with pytest.raises(ValueError, match="two clusters"):
        fit.second_pass(frame.assign(team=1), "pid", "wave", "y", cluster="team")
