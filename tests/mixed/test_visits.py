"""People who came at times of their own: random slope and AR(1) against lme4, pbkrtest and nlme (visits.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from coprod_trust.mixed import NotIdentified, Panel

JOBS = json.loads((Path(__file__).parent / "oracle" / "visits.json").read_text(encoding="utf-8"))
IDS = ["60 people, 4 visits", "150 people, 3 visits", "25 people, 6 visits"]


def frame(job: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({k: job[k] for k in ("id", "wave", "t", "age", "y")})


def panel(job: dict[str, Any]) -> Panel:
    return Panel.from_frame(frame(job), "id", "wave", "y", between=["age"], visits="t")


@pytest.mark.parametrize("job", JOBS, ids=IDS)
def test_a_random_slope_on_own_times_is_that_of_lme4(job: dict[str, Any]):
    fit, r = panel(job).fit("time + age", random="slope"), job["slope"]
    assert fit.terms == ["Intercept", "time", "age"]
    satterthwaite, kr = (fit.coefficients(df=df) for df in ("satterthwaite", "kenward-roger"))
    assert fit.beta == pytest.approx(r["beta"], rel=1e-6)
    assert satterthwaite["std_error"].tolist() == pytest.approx(r["se"], rel=1e-6)
    assert satterthwaite["df"].tolist() == pytest.approx(r["satt"], rel=1e-5)
    assert kr["std_error"].tolist() == pytest.approx(r["kr_se"], rel=1e-6)
    assert kr["df"][1] == pytest.approx(r["kr_df"], rel=1e-6)
    assert fit.random_covariance.ravel() == pytest.approx(r["d"], rel=1e-6)
    assert fit.loglik == pytest.approx(r["ll"], abs=1e-8)


@pytest.mark.parametrize("job", JOBS, ids=IDS)
def test_ar1_on_own_times_is_that_of_nlme(job: dict[str, Any]):
    fit, r = panel(job).fit("time + age", covariance="ar1"), job["ar1"]
    assert fit.beta == pytest.approx(r["beta"], rel=1e-6)
    assert np.sqrt(np.diag(fit.covariance_of_beta)) == pytest.approx(r["se"], rel=1e-6)
    assert (fit.loglik, fit.solution.phi[1]) == (pytest.approx(r["ll"], abs=1e-8), pytest.approx(r["phi"], rel=1e-6))


@pytest.mark.parametrize("kind", [{"random": "slope"}, {"covariance": "ar1"}, {"random": "intercept"}])
def test_visits_at_the_same_times_are_the_waves_themselves(kind: dict[str, str]):
    df = frame(JOBS[0]).assign(t=lambda d: d["wave"] * 6.0)
    own = Panel.from_frame(df, "id", "wave", "y", visits="t").fit("time", **kind)  # type: ignore[arg-type]
    waves = Panel.from_frame(df, "id", "wave", "y", time={w: w * 6.0 for w in range(1, 5)}).fit("time", **kind)  # type: ignore[arg-type]
    for df_method in ("kenward-roger", "satterthwaite"):
        a, b = (f.coefficients(df=df_method).drop(columns="term").to_numpy() for f in (own, waves))  # type: ignore[arg-type]
        assert a == pytest.approx(b, rel=1e-7)
    assert own.loglik == pytest.approx(waves.loglik, abs=1e-8)
    assert own.marginal_means()["estimate"].tolist() == pytest.approx(waves.marginal_means()["estimate"].tolist())


def test_a_wide_table_gives_the_same_and_an_answer_without_a_time_is_left_out():
    df = frame(JOBS[0])
    wide = df.pivot(index="id", columns="wave", values=["y", "t"])
    wide.columns = [f"{name}{wave}" for name, wave in wide.columns]
    wide["age"] = df.groupby("id")["age"].first()
    waves = {f"w{k}": f"y{k}" for k in range(1, 5)}
    visits = {f"w{k}": f"t{k}" for k in range(1, 5)}
    with duckdb.connect() as con:
        con.register("wide", wide.reset_index())
        fit = Panel.from_table(con, "wide", waves, between=["age"], visits=visits).fit("time + age", random="slope")
        assert fit.beta == pytest.approx(JOBS[0]["slope"]["beta"], rel=1e-6)
        wide.loc[[3, 4], "t1"] = np.nan
        con.register("wide", wide.reset_index())
        fewer = Panel.from_table(con, "wide", waves, between=["age"], visits=visits).fit("time + age", random="slope")
    assert fewer.n_observations == fit.n_observations - 2


def test_what_own_times_do_not_carry_is_said():
    own = panel(JOBS[2])
    with pytest.raises(ValueError, match="without visits"):
        own.fit("time", random="slope").second_pass(frame(JOBS[2]), "id", "wave", "y")
    with pytest.raises(ValueError, match="either the times of the waves or those of visits"):
        Panel.from_frame(frame(JOBS[2]), "id", "wave", "y", visits="t", time={w: float(w) for w in range(1, 7)})
    with pytest.raises(ValueError, match="make another panel"):
        own.without(np.zeros((1, 13)))
    missing = frame(JOBS[2]).assign(t=lambda d: d["t"].where(d["wave"] != 2))
    with pytest.raises(NotIdentified, match="nobody answered in 2"):
        Panel.from_frame(missing, "id", "wave", "y", visits="t")
