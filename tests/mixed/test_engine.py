"""Identities, refusals and reproducibility of the mixed-effects engine."""

import tracemalloc
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod_trust.mixed import NotIdentified, Panel
from coprod_trust.mixed import panel as panel_module
from coprod_trust.mixed import sums as sums_module


def long(values: np.ndarray, **covariates: np.ndarray) -> pd.DataFrame:
    people, waves = values.shape
    frame = pd.DataFrame(
        {"pid": np.repeat(np.arange(people), waves), "wave": np.tile(np.arange(waves), people), "y": values.ravel()}
    )
    for name, column in covariates.items():
        frame[name] = np.repeat(column, waves)
    return frame.dropna(subset="y")


def panel_of(values: np.ndarray, **covariates: np.ndarray) -> Panel:
    return Panel.from_frame(long(values, **covariates), "pid", "wave", "y", between=list(covariates))


def draws(people: int, waves: int, seed: int = 1, between: float = 1.0) -> np.ndarray:
    r = np.random.default_rng(seed)
    return 5 + between * r.normal(size=(people, 1)) + r.normal(size=(people, waves)) * np.linspace(1, 1.6, waves)


@pytest.mark.parametrize("covariance", ["unstructured", "compound-symmetry"])
@pytest.mark.parametrize("between", [1.0, 0.0])
def test_on_two_complete_waves_it_is_the_paired_t_test(covariance: str, between: float) -> None:
    y = draws(17, 2, between=between)
    if between == 0.0:
        y[:, 1] -= 0.9 * (y[:, 0] - 5)
    paired = stats.ttest_rel(y[:, 1], y[:, 0])
    row = panel_of(y).fit("wave", covariance=covariance).coefficients().iloc[1]
    assert row["estimate"] == pytest.approx(np.mean(y[:, 1] - y[:, 0]), rel=1e-10)
    assert row["statistic"] == pytest.approx(paired.statistic, rel=1e-8)
    assert row["df"] == pytest.approx(16, rel=1e-8)
    assert row["p_value"] == pytest.approx(paired.pvalue, rel=1e-7)


@pytest.mark.parametrize("covariance", ["unstructured", "compound-symmetry"])
def test_five_complete_pairs_have_four_degrees_of_freedom(covariance: str) -> None:
    """Where Kenward and Roger's formula divides by zero on the way to 4."""
    y = draws(5, 2)
    row = panel_of(y).fit("wave", covariance=covariance).coefficients().iloc[1]
    paired = stats.ttest_rel(y[:, 1], y[:, 0])
    assert row["df"] == pytest.approx(4, rel=1e-9)
    assert row["p_value"] == pytest.approx(paired.pvalue, rel=1e-9)


def test_two_pairs_do_not_carry_an_unstructured_covariance() -> None:
    """Found by simulation: ten of twelve had left."""
    y = np.array([[65, np.nan], [72.5, 90], [42.5, np.nan], [50, np.nan], [60, np.nan], [35, np.nan]])
    y = np.vstack([y, [[57.5, np.nan], [57.5, np.nan], [52.5, 60], [60, np.nan], [70, np.nan], [57.5, np.nan]]])
    panel = Panel.from_matrix(y, ("w1", "w2"), np.empty((12, 0)), ())
    with pytest.raises(NotIdentified, match="compound symmetry"):
        panel.fit("wave", covariance="unstructured")


@pytest.mark.parametrize("waves", [3, 4, 5])
def test_unstructured_on_complete_waves_is_hotellings_t2(waves: int) -> None:
    y = draws(24, waves, seed=waves)
    changes = np.diff(y, axis=1)
    n, k = changes.shape
    mean = changes.mean(0)
    t2 = n * mean @ np.linalg.solve(np.cov(changes.T), mean)
    test = panel_of(y).fit("wave", covariance="unstructured").wald("wave")
    assert test["F"] == pytest.approx(t2 * (n - k) / (k * (n - 1)), rel=1e-7)
    assert (test["num_df"], test["den_df"]) == (k, pytest.approx(n - k, rel=1e-7))


def test_a_random_intercept_at_its_boundary_is_said_to_be_singular() -> None:
    y = draws(20, 2, between=0.0)
    y[:, 1] -= 0.9 * (y[:, 0] - 5)
    assert panel_of(y).fit("wave").singular


def test_the_reference_table_equals_the_frame() -> None:
    y = draws(30, 3)
    y[3:9, 2] = np.nan
    y[5, 1] = np.nan
    age = np.arange(30.0) + 20
    con = duckdb.connect()
    wide = pd.DataFrame({"pid": np.arange(30), "y1": y[:, 0], "y2": y[:, 1], "y3": y[:, 2], "age": age})
    con.register("wide", wide)
    table = Panel.from_table(con, "wide", {"0": "y1", "1": "y2", "2": "y3"}, between=["age"])
    a, b = table.fit("wave * age"), panel_of(y, age=age).fit("wave * age")
    assert a.terms == b.terms
    assert a.beta == pytest.approx(b.beta, rel=1e-12)
    assert a.loglik == pytest.approx(b.loglik, rel=1e-12)


def big(con: duckdb.DuckDBPyConnection, people: int) -> None:
    con.execute(
        "CREATE TABLE wide AS SELECT i, 50 + 10 * sin(i * 1.7) + 5 * cos(i * 3.1) AS y1, "
        "CASE WHEN i % 7 > 0 THEN 46 + 9 * sin(i * 1.7) + 6 * cos(i * 5.3) END AS y2, "
        "CASE WHEN i % 5 > 1 THEN 45 + 8 * sin(i * 1.7) + 6 * sin(i * 7.7) END AS y3, "
        "CASE WHEN i % 11 > 0 THEN 20 + i % 47 END AS age, CASE WHEN i % 3 = 0 THEN 'b' ELSE 'a' END AS town "
        f"FROM range({people}) t(i)"
    )


def test_sums_of_whole_numbers_in_the_database_give_the_same_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    con = duckdb.connect()
    big(con, 3000)
    outcome = {"w1": "y1", "w2": "y2", "w3": "y3"}
    fetched = Panel.from_table(con, "wide", outcome, between=["age", "town"])
    monkeypatch.setattr(panel_module, "FETCHED_PEOPLE", 10)
    summed = Panel.from_table(con, "wide", outcome, between=["age", "town"])
    for kwargs in ({"random": "intercept"}, {"covariance": "unstructured"}):
        a, b = fetched.fit("wave * town + age", **kwargs), summed.fit("wave * town + age", **kwargs)
        assert a.terms == b.terms
        assert (a.n_people, a.n_observations) == (b.n_people, b.n_observations)
        assert b.beta == pytest.approx(a.beta, rel=1e-6)
        assert b.coefficients()["df"].to_numpy() == pytest.approx(a.coefficients()["df"].to_numpy(), rel=1e-6)


def summed(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and errors of three waves: of fetched values, and of sums by the database."""
    outcome = {"w1": "y1", "w2": "y2", "w3": "y3"}
    found = []
    for limit in (10**9, 10):
        monkeypatch.setattr(panel_module, "FETCHED_PEOPLE", limit)
        fit = Panel.from_table(con, "wide", outcome, between=["age"]).fit("wave + age")
        found.append(np.append(fit.beta, np.sqrt(np.diag(fit.covariance_of_beta))))
    return found[0], found[1]


@pytest.mark.parametrize("value", [5e4, 5e8])
def test_a_value_far_from_all_others_is_summed_too(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    con = duckdb.connect()
    big(con, 3000)
    con.execute(f"UPDATE wide SET y1 = {value} + 0.123456 WHERE i = 2999")
    monkeypatch.setattr(sums_module, "SAMPLED_PEOPLE", 1000)
    a, b = summed(con, monkeypatch)
    assert b == pytest.approx(a, rel=1e-6)


@pytest.mark.parametrize("later", ["round(y1) + 0.4", "y1"])
def test_later_rows_may_lie_on_a_finer_grid_or_on_none(later: str, monkeypatch: pytest.MonkeyPatch) -> None:
    con = duckdb.connect()
    big(con, 3000)
    con.execute(
        "CREATE OR REPLACE TABLE wide AS SELECT * REPLACE ("
        + ", ".join(
            f"CASE WHEN i < 1000 THEN round({y}) ELSE {later.replace('y1', y)} END AS {y}" for y in ("y1", "y2", "y3")
        )
        + ") FROM wide"
    )
    monkeypatch.setattr(sums_module, "SAMPLED_PEOPLE", 900)
    a, b = summed(con, monkeypatch)
    assert b == pytest.approx(a, rel=1e-8)


def test_memory_does_not_grow_with_a_table_whose_later_rows_leave_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE wide AS SELECT i, (i * 7919) % 11 AS y1, (i * 104729) % 11 AS y2 FROM range(400000) t(i)")
    con.execute("CREATE OR REPLACE TABLE wide AS SELECT * REPLACE (y1 + (i > 300000)::INT * sin(i) AS y1) FROM wide")
    tracemalloc.start()
    try:
        Panel.from_table(con, "wide", {"w1": "y1", "w2": "y2"}).fit("wave")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3e6  # one column whole would be 3.2e6


@pytest.mark.parametrize("limit", [10, 10**6])
def test_neither_threads_nor_the_order_of_rows_change_a_bit(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "FETCHED_PEOPLE", limit)
    found = []
    for threads, order in ((1, "i"), (2, "i"), (2, "hash(i)")):
        con = duckdb.connect(config={"threads": threads})
        big(con, 150_000)
        con.execute(
            "CREATE TABLE ordered AS SELECT * REPLACE (round(y3 / 2.5) * 2.5 AS y3), round(y1 / 2.5) * 2.5 AS y4 "
            f"FROM wide ORDER BY {order}"
        )
        for columns in ("y1 y2", "y3 y1", "y3 y4"):  # on no grid, some on one, all on one
            outcome = dict(zip(("w1", "w2"), columns.split(), strict=True))
            fit = Panel.from_table(con, "ordered", outcome, between=["age"]).fit("wave + age")
            found.append((fit.beta.tobytes(), fit.loglik, fit.covariance_of_beta.tobytes()))
    assert found[:3] == found[3:6] == found[6:]


def test_the_order_of_rows_does_not_matter_and_units_scale_through() -> None:
    y = draws(25, 3)
    y[2:6, 2] = np.nan
    frame = long(y)
    fit = Panel.from_frame(frame, "pid", "wave", "y").fit("wave")
    shuffled = Panel.from_frame(frame.sample(frac=1, random_state=3), "pid", "wave", "y").fit("wave")
    assert shuffled.beta == pytest.approx(fit.beta, rel=1e-13)
    frame["y"] = 1e4 + 10 * frame["y"]
    scaled = Panel.from_frame(frame, "pid", "wave", "y").fit("wave")
    assert scaled.beta[1:] == pytest.approx(10 * fit.beta[1:], rel=1e-8)
    assert scaled.sigma == pytest.approx(10 * fit.sigma, rel=1e-8)
    assert scaled.coefficients()["df"].to_numpy() == pytest.approx(fit.coefficients()["df"].to_numpy(), rel=1e-7)


def test_marginal_means_on_complete_data_are_the_means() -> None:
    y = draws(20, 3)
    means = panel_of(y).fit("wave", covariance="unstructured").marginal_means()
    assert means["wave"].tolist() == ["0", "1", "2"]
    assert means["estimate"].to_numpy() == pytest.approx(y.mean(0), rel=1e-10)
    assert means["std_error"].to_numpy() == pytest.approx(y.std(0, ddof=1) / np.sqrt(20), rel=1e-7)
    assert means["df"].to_numpy() == pytest.approx([19, 19, 19], rel=1e-7)


def test_a_contrast_of_two_later_waves() -> None:
    y = draws(20, 3)
    found = panel_of(y).fit("wave", covariance="unstructured").contrast({"wave[T.2]": 1, "wave[T.1]": -1})
    paired = stats.ttest_rel(y[:, 2], y[:, 1])
    assert found["statistic"] == pytest.approx(paired.statistic, rel=1e-7)
    assert found["p_value"] == pytest.approx(paired.pvalue, rel=1e-6)


@pytest.mark.parametrize(
    ("case", "formula", "kwargs", "says"),
    [
        ("constant", "wave", {}, "the same in every answer"),
        ("one_wave", "wave", {}, "one wave has no change"),
        ("two_waves", "wave", {"random": "slope"}, "cannot carry 2 random effects"),
        ("one_each", "wave", {}, "cannot carry 1 random effects"),
        ("collinear", "wave + age + months", {}, "determine each other"),
        ("empty_wave", "wave", {}, "nobody answered in 2"),
        ("no_pair", "wave", {"covariance": "unstructured"}, "fewer than two people answered in both"),
        ("everybody_equal", "wave + age", {}, "no variation|determine each other"),
    ],
)
def test_what_cannot_be_estimated_says_why(case: str, formula: str, kwargs: dict[str, str], says: str) -> None:
    y, age = draws(20, 3), np.arange(20.0) + 30
    covariates = {"age": age}
    if case == "constant":
        y[:] = 4.0
    elif case == "one_wave":
        y = y[:, :1]
    elif case == "two_waves":
        y = y[:, :2]
    elif case == "one_each":
        y[:7, 1:], y[7:14, [0, 2]], y[14:, :2] = np.nan, np.nan, np.nan
    elif case == "collinear":
        covariates["months"] = age * 12
    elif case == "empty_wave":
        y[:, 2] = np.nan
    elif case == "no_pair":
        y[:10, 2], y[10:, 1] = np.nan, np.nan
    elif case == "everybody_equal":
        covariates["age"] = np.full(20, 40.0)
    frame = long(y, **covariates)
    if case == "empty_wave":
        frame = pd.concat([frame, pd.DataFrame({"pid": [0], "wave": [2], "y": [np.nan], "age": [30.0]})])
    with pytest.raises(NotIdentified, match=says) as caught:
        Panel.from_frame(frame, "pid", "wave", "y", between=list(covariates)).fit(formula, **kwargs)
    assert caught.value.instead


def test_an_empty_cell_is_named() -> None:
    y, town = draws(24, 3), np.array(["a", "b"] * 12)
    y[town == "b", 2] = np.nan
    panel = panel_of(y, town=town)
    with pytest.raises(NotIdentified, match="nobody with town b answered in 2"):
        panel.fit("wave * town")
    assert panel.fit("wave + town").n_people == 24
    y[:, 2], y[town == "a", 1] = 5 + draws(24, 1)[:, 0], np.nan
    with pytest.raises(NotIdentified, match="nobody with town a answered in 1"):
        panel_of(y, town=town).fit("wave * town", covariance="unstructured")


def test_the_model_without_a_random_intercept_is_the_ordinary_regression() -> None:
    y = draws(20, 3, between=0.0)
    y -= 0.9 * (y.mean(axis=1, keepdims=True) - 5)
    y[3, 2] = np.nan
    age = np.arange(20.0)
    fit = panel_of(y, age=age).fit("wave + age")
    assert fit.singular
    assert fit.reduced is not None
    frame = long(y, age=age)
    x = np.column_stack([np.ones(59), frame["wave"] == 1, frame["wave"] == 2, frame["age"]]).astype(float)
    beta, residual, *_ = np.linalg.lstsq(x, frame["y"].to_numpy(), rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * residual[0] / (59 - 4))
    for df in ("kenward-roger", "satterthwaite"):
        table = fit.reduced.coefficients(df=df)  # type: ignore[arg-type]
        assert table["estimate"].to_numpy() == pytest.approx(beta, rel=1e-9)
        assert table["std_error"].to_numpy() == pytest.approx(errors, rel=1e-9)
        assert table["df"].to_numpy() == pytest.approx([55] * 4, rel=1e-8)
    assert fit.reduced.reduced is None
    slope = panel_of(y, age=age).fit("time", random="slope")
    assert slope.reduced is not None
    assert slope.reduced.kind == "random-intercept"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"outcome": {}}, "names no wave"),
        ({"outcome": {"a": "y1", "b": "nope"}}, "wide has no column nope"),
        ({"outcome": {"a": "y1", "b": "town"}}, "town: text"),
        ({"outcome": {"a": "y1", "b": "y2"}, "between": ["day"]}, "day: neither numbers nor text"),
        ({"outcome": {"a": "y1", "b": "y2"}, "time": {"a": 0}}, "time says nothing of b"),
        ({"outcome": {"a": "y1", "b": "y2"}, "time": {"a": 6, "b": 0}}, "time must rise"),
        ({"outcome": {"a": "y1", "b": "y2"}, "varying": {"h": {"a": "y3"}}}, "h says nothing of b"),
    ],
)
def test_what_a_table_lacks_is_named(table: dict[str, Any], says: str) -> None:
    con = duckdb.connect()
    big(con, 30)
    con.execute("ALTER TABLE wide ADD COLUMN day DATE")
    with pytest.raises(ValueError, match=says):
        Panel.from_table(con, "wide", **table)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"y": np.inf}, "infinite"),
        ({"y": "high"}, "y holds something else than numbers"),
        ({"pid": np.nan}, "rows without pid or wave"),
    ],
)
def test_what_a_frame_holds_wrongly_is_named_and_no_value_of_it_shown(change: dict[str, Any], says: str) -> None:
    frame = long(draws(20, 2)).astype(object)
    for column, value in change.items():
        frame.loc[3, column] = value
    frame = frame.infer_objects()
    with pytest.raises(ValueError, match=says) as caught:
        Panel.from_frame(frame, "pid", "wave", "y")
    assert "high" not in str(caught.value)


def test_terms_that_the_panel_does_not_have_are_named() -> None:
    panel = panel_of(draws(12, 2), age=np.arange(12.0))
    with pytest.raises(ValueError, match="income is not in the panel; it has wave, time, age"):
        panel.fit("wave + income")
    with pytest.raises(KeyError, match=r"wave\[T.1\]"):
        panel.fit("wave").contrast({"wave": 1})
    with pytest.raises(ValueError, match="needs wave itself"):
        panel.fit("age + wave:age")


def test_means_by_a_text_covariate_are_the_means_of_its_groups() -> None:
    y, r = draws(24, 3), np.random.default_rng(2)
    town = np.array(["b", "a", "c"])[r.integers(0, 3, 24)]
    fit = panel_of(y, town=town).fit("wave * town", covariance="unstructured")
    means = fit.marginal_means(by="town")
    assert means["town"].tolist() == ["a"] * 3 + ["b"] * 3 + ["c"] * 3
    expected = np.concatenate([y[town == t].mean(0) for t in "abc"])
    assert means["estimate"].to_numpy() == pytest.approx(expected, rel=1e-9)
    only = fit.marginal_means(town="b")
    assert "town" not in only
    assert only["estimate"].to_numpy() == pytest.approx(expected[3:6], rel=1e-9)
    shares = np.array([(town == t).mean() for t in "abc"])
    assert fit.marginal_means()["estimate"].to_numpy() == pytest.approx(shares @ expected.reshape(3, 3), rel=1e-9)


def test_means_at_what_the_model_does_not_have_are_refused() -> None:
    fit = panel_of(draws(24, 2), age=np.arange(24.0), town=np.array(["a", "b"] * 12)).fit("wave + age + town")
    with pytest.raises(KeyError, match="no covariate income; it has town, age'"):
        fit.marginal_means(income=3)
    with pytest.raises(ValueError, match=r"age=\(0, 1\)"):
        fit.marginal_means(by="age")
    with pytest.raises(ValueError, match="town has the values a, b"):
        fit.marginal_means(town="z")


def test_numbers_with_gaps_in_columns_of_objects_are_numbers() -> None:
    y = draws(20, 2)
    age = np.array([*range(30, 49), None], dtype=object)
    fit = panel_of(y, age=age).fit("wave + age")
    assert fit.terms == ["Intercept", "wave[T.1]", "age"]
    assert fit.n_people == 19
