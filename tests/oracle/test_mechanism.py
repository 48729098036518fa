"""The within-between model, conditions, rank correlations and paths against R (mechanism.R)."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import mediation, moderation, start_correlation, within_between
from coprod_trust.analysis.finding import Estimate
from coprod_trust.study.model import Plan
from tests.oracle.results import oracle

R = oracle("mechanism")
PLAN = Plan(permutations=999, bootstraps=4999)


def columns(*names: str) -> np.ndarray:
    return np.column_stack([np.array([np.nan if v is None else v for v in R["moderation"][n]], float) for n in names])


def people(name: str) -> np.ndarray:
    return np.array([[np.nan if v is None else v for v in row] for row in R["long"][name]], float)


def within_question() -> within_between.Question:
    waves = ("w1", "w2", "w3", "w4")
    return within_between.Question("peers", "provider", waves, people("x"), people("y"), "participants", True)


def estimates(answer: object) -> dict[str, Estimate]:
    return {e.method: e for e in answer.draft.estimates}  # type: ignore[attr-defined]


def test_within_between_equals_lmer_with_kenward_roger():
    found = estimates(within_between.answer(within_question(), PLAN))
    assert found["within_between"].n == R["rewb"]["n"]
    assert f"{R['rewb']['observations']} observations" in str(found["within_between"].note)
    for method, name in (("within_between", "within"), ("between_people", "between"), ("contextual", "contextual")):
        e, r = found[method], R["rewb"][name]
        assert [e.estimate, e.std_error, e.df] == pytest.approx([r["estimate"], r["se"], r["df"]], rel=1e-6)
        assert e.p_value == pytest.approx(r["p"], rel=1e-4, abs=1e-10)


def test_people_and_waves_as_fixed_effects_equal_lm_with_clustered_errors():
    found = estimates(within_between.answer(within_question(), PLAN))
    fixed, r = found["fixed_effects"], R["fixed"]
    assert [fixed.n, fixed.estimate, fixed.std_error] == pytest.approx([r["people"], r["slope"], r["se"]], rel=1e-9)
    assert [found["rm_correlation"].estimate, found["rm_correlation"].df] == pytest.approx([r["r"], r["df"] + 0.0])


def test_without_the_waves_means_it_is_the_published_correlation_within_people():
    import pingouin as pg

    wide = pg.read_dataset("rm_corr").assign(k=lambda d: d.groupby("Subject").cumcount())
    wide = wide.pivot(index="Subject", columns="k")
    part = within_between.within(wide["pH"].to_numpy(float), wide["PacO2"].to_numpy(float), wave_means=False)
    assert (round(part.r, 5), part.df) == (-0.50677, 38)  # Bland and Altman 1995


def condition_question(scores: np.ndarray) -> moderation.Question:
    waves = tuple(f"w{i + 1}" for i in range(scores.shape[1]))
    cond = columns("condition")[:, 0]
    return moderation.Question("org_support", "provider", waves, cond, scores, "participants", True, True)


def test_on_two_complete_waves_a_condition_is_the_slope_of_change_on_it():
    question = condition_question(columns("start", "end"))
    answer, rows = moderation.answer(question, PLAN)
    found, r = estimates(answer), R["moderation"]
    e = found["moderation"]
    expected = [r["interaction"][k] for k in ("estimate", "se", "df", "p")]
    assert [e.estimate, e.std_error, e.df, e.p_value] == pytest.approx(expected, rel=1e-6)
    assert found["freedman_lane"].std_error == pytest.approx(r["hc3"], rel=1e-9)
    places = [row for row in rows if row["place"] != "boundary"]
    for key, name in (("change", "change"), ("std_error", "se"), ("ci_low", "low"), ("ci_high", "high")):
        assert [row[key] for row in places] == pytest.approx(r["at"][name], rel=1e-6)


def test_boundaries_are_the_roots_of_johnson_and_neyman():
    _, rows = moderation.answer(condition_question(columns("start", "end")), PLAN)
    low, high = float(columns("condition").min()), float(columns("condition").max())
    inside = [b for b in R["moderation"]["boundaries"] if low <= b <= high]
    assert inside
    assert [row["condition"] for row in rows if row["place"] == "boundary"] == pytest.approx(inside, abs=1e-3)


def test_a_condition_over_three_waves_with_dropout_equals_lmer():
    from coprod_trust.mixed import Panel

    question = condition_question(columns("start", "end3", "third"))
    z = columns("condition")[:, 0]
    panel = Panel.from_matrix(
        question.scores, question.waves, ((z - z.mean()) / z.std(ddof=1))[:, None], (moderation._NAME,)
    )
    engine = panel.fit(f"wave * {moderation._NAME}", covariance="compound-symmetry")
    slopes = moderation.Slopes(engine, question.waves, float(z.mean()), float(z.std(ddof=1)), -1.0, 1.0)
    row, r = slopes.interaction(), R["moderation"]["three"]
    found = [row[k] for k in ("estimate", "std_error", "df", "p_value")]
    assert found == pytest.approx([r["estimate"], r["se"], r["df"], r["p"]], rel=1e-6)


def test_rank_correlations_equal_cor_test_and_residuals_of_ranks():
    r = R["ranks"]
    question = start_correlation.Question(
        first="motivation",
        second="provider",
        wave="w1",
        x=np.array(r["a"], float),
        y=np.array(r["b"], float),
        group=np.array(r["group"], dtype=object),
        participants="in",
        exploratory=True,
    )
    found = estimates(start_correlation.answer(question, PLAN))
    for method, name in (
        ("spearman_within", "within"),
        ("spearman_everybody", "everybody"),
        ("spearman_in_out", "other"),
        ("spearman_adjusted", "adjusted"),
    ):
        assert found[method].estimate == pytest.approx(r[name], rel=1e-9)
    own, adjusted = found["spearman_within"], found["spearman_adjusted"]
    assert [own.ci_low, own.ci_high] == pytest.approx(r["within_ci"], rel=1e-9)
    assert [adjusted.ci_low, adjusted.ci_high] == pytest.approx(r["adjusted_ci"], rel=1e-9)


def test_pingouin_gives_spearman_the_interval_of_pearson_which_is_too_narrow():
    """The trap: 1 / (n - 3) where Bonett and Wright have (1 + rho^2 / 2) / (n - 3). Seen on strongly related ranks."""
    from pingouin import corr
    from scipy.stats import rankdata

    rng = np.random.default_rng(8)
    rho, n, theirs, ours = 0.9, 30, 0, 0
    true = 6 / np.pi * np.arcsin(rho / 2)  # Spearman's rho of the bivariate normal
    for _ in range(1000):
        x, e = rng.normal(size=(2, n))
        y = rho * x + np.sqrt(1 - rho**2) * e
        r = float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])
        half = 1.959963984540054 / np.sqrt(n - 3)
        theirs += np.tanh(np.arctanh(r) - half) <= true <= np.tanh(np.arctanh(r) + half)
        low, high = start_correlation.interval(r, n - 2) or (0.0, 0.0)
        ours += low <= true <= high
    ci = corr(x, y, method="spearman").iloc[0].filter(like="CI").iloc[0]
    assert list(ci) == pytest.approx([np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)], abs=0.006)
    assert theirs / 1000 < 0.925 < 0.94 < ours / 1000, (theirs, ours)


def test_paths_equal_lm_and_the_interval_that_of_a_bootstrap():
    r = R["path"]
    rows = np.array(r["rows"], float)
    question = mediation.Question(
        "commitment", "self_efficacy", "provider", ("w1", "w2", "w3"), rows[:, 0], rows[:, 1:3], rows[:, 3:], "p"
    )
    found = estimates(mediation.answer(question, PLAN))
    assert [found[m].estimate for m in ("path_a", "path_b", "direct_path")] == pytest.approx(
        [r["a"], r["b"], r["direct"]], rel=1e-7
    )
    e = found["indirect_path"]
    assert e.estimate == pytest.approx(r["a"] * r["b"], rel=1e-7)
    assert [e.ci_low, e.ci_high] == pytest.approx(r["interval"], abs=0.012)
