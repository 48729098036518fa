"""Change with change: figures, what is left out, what makes it decline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod_trust.analysis import association, correlation, disattenuation
from coprod_trust.analysis.association import Question, Scores
from coprod_trust.analysis.finding import AssociationVerdict, Certainty, Finding
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.analysis.seeds import RandomOrders
from coprod_trust.study.model import Plan

PLAN = Plan(permutations=999, bootstraps=999, seed=3)


def pair(n: int = 40, r: float = 0.6, seed: int = 1) -> Question:
    rng = np.random.default_rng(seed)
    x = rng.normal(-8, 10, n)
    y = r * (x + 8) + (1 - r**2) ** 0.5 * rng.normal(0, 10, n) - 6
    z = rng.normal(-3, 10, n)
    starts = rng.normal(60, 12, (3, n))
    made = [
        Scores(name, s, s + d) for name, s, d in zip(("peers", "provider", "municipal"), starts, (x, y, z), strict=True)
    ]
    return Question(made[0], made[1], (made[2],), "w1", "w2", "participants", False, True)


def answer(question: Question, plan: Plan = PLAN) -> Finding:
    families = Families(plan)
    tested = association.test_question(question, plan)
    families.add(question.finding_id, question.name, question.slot, tested.p_value)
    return association.finish(tested, families)


def test_the_finding_carries_r_with_its_interval_and_permutation_p():
    q = pair()
    finding = answer(q)
    primary = finding.primary
    assert primary.method == "pearson_r"
    assert primary.estimate == pytest.approx(np.corrcoef(q.predictor.change, q.outcome.change)[0, 1])
    assert primary.ci_low < primary.estimate < primary.ci_high
    assert primary.p_value == pytest.approx(1 / 1000)
    assert finding.verdict == AssociationVerdict.TOGETHER
    assert finding.certainty == Certainty.SUGGESTIVE
    assert (finding.predictor, finding.outcome) == ("peers", "provider")


def test_changes_in_opposite_directions_are_called_so():
    assert answer(pair(r=-0.7)).verdict == AssociationVerdict.OPPOSITE


def test_unrelated_changes_are_inconclusive_and_never_called_unrelated():
    finding = answer(pair(r=0.0, seed=4))
    assert (finding.verdict, finding.certainty) == (AssociationVerdict.INCONCLUSIVE, Certainty.NOT_CLEAR)


def test_people_without_all_four_scores_are_left_out_and_counted():
    q = pair()
    end = q.outcome.end.copy()
    end[:7] = np.nan
    finding = answer(replace(q, outcome=replace(q.outcome, end=end)))
    assert (finding.n_start, finding.primary.n) == (40, 33)
    assert finding.note == "7 of 40 with both scores at w1 lacked one at w2"


@pytest.mark.parametrize("n", [0, 9])
def test_under_ten_people_it_declines(n):
    q = pair(12)
    end = q.outcome.end.copy()
    end[n:] = np.nan
    q = replace(q, outcome=replace(q.outcome, end=end))
    reason = association.why_declined(q)
    assert reason is not None and "at least 10" in reason
    assert association.declined_finding(q, reason).primary.n == n


def test_ten_people_are_enough():
    assert association.why_declined(pair(10)) is None
    assert answer(pair(10)).primary.estimate is not None


def test_a_change_that_is_the_same_for_all_goes_with_nothing():
    q = pair()
    reason = association.why_declined(replace(q, predictor=Scores("peers", q.predictor.start, q.predictor.start - 5)))
    assert reason == "everybody's peers changed by the same amount, so nothing can go with it"


def test_a_correlation_that_rests_on_one_person_is_not_clear():
    q = pair(30, r=0.0, seed=5)
    end_x, end_y = q.predictor.end.copy(), q.outcome.end.copy()
    end_x[3], end_y[3] = q.predictor.start[3] - 90, q.outcome.start[3] - 90
    finding = answer(replace(q, predictor=replace(q.predictor, end=end_x), outcome=replace(q.outcome, end=end_y)))
    rest = np.delete(np.arange(30), 3)
    without = finding.by_method("without_most_influential")
    assert without.estimate == pytest.approx(
        correlation.pearson(q.predictor.change[rest], q.outcome.change[rest]), rel=1e-9
    )
    assert finding.verdict == AssociationVerdict.TOGETHER
    assert finding.by_method("without_two_most_influential").verdict == AssociationVerdict.INCONCLUSIVE
    assert finding.certainty == Certainty.NOT_CLEAR


def test_the_two_of_largest_cooks_distance_in_the_adjusted_model_are_left_out():
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats.outliers_influence import OLSInfluence

    q = pair(30, r=0.4, seed=6)
    x, y = q.predictor.change, q.outcome.change
    design = np.column_stack([np.ones(30), x, q.predictor.start, q.outcome.start])
    cooks = OLSInfluence(OLS(y, design).fit()).cooks_distance[0]
    rest = np.delete(np.arange(30), np.argsort(cooks)[-2:])
    found = answer(q).by_method("without_two_most_influential")
    assert found.estimate == pytest.approx(correlation.pearson(x[rest], y[rest]), rel=1e-9)


def test_the_comparison_with_another_outcome_uses_people_who_have_all_three():
    q = pair()
    end = q.others[0].end.copy()
    end[:5] = np.nan
    q = replace(q, others=(replace(q.others[0], end=end),))
    compared = answer(q).by_method("steiger_vs_municipal")
    x, y, z = (s.change[5:] for s in (q.predictor, q.outcome, q.others[0]))
    assert compared.n == 35
    assert compared.estimate == pytest.approx(np.corrcoef(x, y)[0, 1] - np.corrcoef(x, z)[0, 1])


def test_steigers_z_has_the_spread_of_a_standard_normal_when_the_correlations_are_equal():
    rng = np.random.default_rng(6)
    covariance = np.array([[1, 0.5, 0.5], [0.5, 1, 0.3], [0.5, 0.3, 1]])
    z = []
    for _ in range(2000):
        r = np.corrcoef(rng.multivariate_normal(np.zeros(3), covariance, 50).T)
        z.append(correlation.steiger(r[0, 1], r[0, 2], r[1, 2], 50).z)
    assert np.std(z) == pytest.approx(1, abs=0.06)
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.05, abs=0.015)


def test_freedman_lane_keeps_its_level_when_the_starting_values_matter():
    rng = np.random.default_rng(7)
    rejected = 0
    for _ in range(300):
        starts = rng.normal(0, 1, (25, 2))
        x = -0.5 * starts[:, 0] + rng.normal(0, 1, 25)
        y = -0.5 * starts[:, 1] - 0.5 * starts[:, 0] + rng.normal(0, 1, 25)
        rejected += correlation.adjusted_slope(x, y, starts, 199, rng).p_value < 0.05
    assert rejected / 300 < 0.09


def test_a_slope_that_cannot_be_told_from_the_starting_values_is_not_estimated():
    q = pair(20)
    start = q.predictor.start
    finding = answer(replace(q, predictor=Scores("peers", start, start * 0.5)))
    assert finding.by_method("adjusted_slope").declined
    assert finding.by_method("without_two_most_influential").n == 18


def test_starting_values_that_do_not_vary_are_no_obstacle():
    q = pair(20)
    x = q.predictor.change
    q = replace(q, predictor=Scores("peers", np.full(20, 50.0), 50 + x))
    assert answer(q).by_method("adjusted_slope").estimate is not None


def items(n: int, k: int, error: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True change, and k items at both waves."""
    rng = np.random.default_rng(seed)
    level, change = rng.normal(0, 1, n), rng.normal(0, 1, n)
    start = level[:, None] + rng.normal(0, error, (n, k))
    return change, start, (level + change)[:, None] + rng.normal(0, error, (n, k))


def test_disattenuation_recovers_the_true_correlation_where_errors_are_independent():
    rng = np.random.default_rng(9)
    n = 4000
    change, x0, x1 = items(n, 3, 1.0, 1)
    other = 0.6 * change + 0.8 * rng.normal(0, 1, n)
    level = rng.normal(0, 1, n)
    y0, y1 = (level[:, None] + c[:, None] + rng.normal(0, 1, (n, 4)) for c in (np.zeros(n), other))
    found = disattenuation.estimate(("x", x0, x1), ("y", y0, y1), 199, rng)
    observed = np.corrcoef((x1 - x0).mean(axis=1), (y1 - y0).mean(axis=1))[0, 1]
    assert observed < 0.45
    assert found.estimate == pytest.approx(0.6, abs=0.05)
    assert found.ci_low < 0.6 < found.ci_high


@pytest.mark.parametrize(
    ("error", "k", "n", "reason"),
    [(3.0, 3, 200, "under .40"), (0.5, 1, 200, "one item"), (0.5, 3, 19, "at least 20")],
)
def test_disattenuation_is_suppressed_by_rule(error, k, n, reason):
    _, x0, x1 = items(n, k, error, 2)
    _, y0, y1 = items(n, 3, 0.5, 3)
    found = disattenuation.estimate(("x", x0, x1), ("y", y0, y1), 199, np.random.default_rng(1))
    assert found.estimate is None and reason in found.declined


def test_disattenuation_beyond_one_is_suppressed():
    _, x0, x1 = items(60, 3, 1.2, 4)
    found = disattenuation.estimate(("x", x0, x1), ("y", x0, x1), 199, np.random.default_rng(1))
    assert "beyond 1" in found.declined


def test_two_items_are_corrected_by_spearman_brown():
    from coprod_trust.analysis.reliability import spearman_brown

    _, x0, x1 = items(80, 2, 0.7, 5)
    _, y0, y1 = items(80, 3, 0.5, 6)
    found = disattenuation.estimate(("x", x0, x1), ("y", y0, y1), 199, np.random.default_rng(1))
    error = sum(w.mean(axis=1).var() * (1 - spearman_brown(w)[0]) for w in (x0, x1))
    expected = 1 - error / (x1.mean(axis=1) - x0.mean(axis=1)).var()
    assert f"x {expected:.2f}" in found.note


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_the_people_does_not_matter_for_r_and_slope(seed):
    q = pair(25, 0.4, seed)
    order = np.random.default_rng(seed).permutation(25)
    one, other = (
        answer(q),
        answer(replace(q, **{k: _reordered(getattr(q, k), order) for k in ("predictor", "outcome")})),
    )
    for method in ("pearson_r", "adjusted_slope", "spearman", "without_two_most_influential"):
        assert one.by_method(method).estimate == pytest.approx(other.by_method(method).estimate, rel=1e-9)


def _reordered(scores: Scores, order: np.ndarray) -> Scores:
    return Scores(scores.scale, scores.start[order], scores.end[order])


def test_large_samples_use_the_limits_of_resampling(monkeypatch):
    rng = np.random.default_rng(13)
    x = np.round(rng.standard_t(6, 8_000), 1)
    y = np.round(0.02 * x + rng.standard_t(6, 8_000), 1)
    slow_p = correlation.permutation_p(x, y, RandomOrders(1, 999))
    slow = correlation.pearson_interval(x, y, 999, np.random.default_rng(1))
    slow_slope = correlation.adjusted_slope(x, y, np.empty((8_000, 0)), 499, np.random.default_rng(1))
    monkeypatch.setattr(correlation, "LARGE", 100)
    assert correlation.permutation_p(x, y, RandomOrders(1, 999)) == pytest.approx(slow_p, abs=0.04)
    assert correlation.pearson_interval(x, y, 999, rng) == pytest.approx(slow, abs=0.002)
    fast_slope = correlation.adjusted_slope(x, y, np.empty((8_000, 0)), 499, rng)
    assert fast_slope.p_value == pytest.approx(slow_slope.p_value, abs=0.05)


def test_with_very_many_people_the_notes_say_how_p_and_interval_came_about(monkeypatch):
    monkeypatch.setattr(correlation, "LARGE", 30)
    finding = answer(pair(40))
    assert finding.primary.note == (
        "p from the normal limit of the permutation distribution; interval from each person's influence on Fisher's z"
    )
