"""Change of one scale between two waves: figures, verdicts, and what makes an analysis decline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coprod_trust.analysis import change, imputation, mixed_model, paired, sensitivity
from coprod_trust.analysis.change import Question
from coprod_trust.analysis.finding import Certainty, Finding, Verdict
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.study.model import Family, Plan

PLAN = Plan(permutations=999, bootstraps=999, seed=3)


def question(start: list[float] | np.ndarray, end: list[float] | np.ndarray, **fields: object) -> Question:
    base = Question(
        scale="provider",
        wave_from="w1",
        wave_to="w2",
        population="participants",
        suffix="",
        start=np.array(start, float),
        end=np.array(end, float),
        exploratory=False,
        first_wave=True,
    )
    return replace(base, **fields)


def answer(q: Question, plan: Plan = PLAN, others: dict[str, float] | None = None) -> Finding:
    """The finding, in a family with tests of other questions that have these p values."""
    families = Families(plan)
    tested = change.test_question(q, plan)
    families.add(q.finding_id, q.name, q.slot, tested.deciding.p_value)
    for name, p in (others or {}).items():
        families.add(f"{name}.w1-w2", name, q.slot, p)
    return change.finish(tested, families)


def scores(n: int, fall: float, spread: float = 10, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start = np.round(rng.normal(65, 15, n), 1)
    return start, np.round(start - fall + rng.normal(0, spread, n), 1)


def test_a_finding_carries_means_counts_and_what_was_dropped():
    start, end = scores(30, 12)
    end[:4] = np.nan
    start[29] = np.nan
    finding = answer(question(start, end, reliable_sd=8.0))
    both = ~np.isnan(start) & ~np.isnan(end)
    moved = np.round(end - start, 9)[both]
    assert (finding.n_start, finding.primary.n) == (29, 25)
    assert finding.mean_from == pytest.approx(start[both].mean())
    assert finding.mean_to == pytest.approx(end[both].mean())
    assert finding.primary.estimate == pytest.approx(moved.mean())
    assert (finding.n_fell, finding.n_rose) == ((moved < 0).sum(), (moved > 0).sum())
    assert finding.n_fell_reliably == (moved < -1.96 * 8).sum() > 0
    assert "4 of 29 with a score at w1 had none at w2" in finding.note
    assert "left out: 1 with a score at w2 and none at w1" in finding.note


def test_without_a_known_reliability_no_reliable_change_is_counted():
    finding = answer(question(*scores(30, 12)))
    assert finding.n_fell_reliably is None and finding.n_rose_reliably is None


def test_a_large_fall_with_nobody_leaving_is_clear():
    finding = answer(question(*scores(40, 15)))
    assert (finding.verdict, finding.certainty) == (Verdict.CHANGED_MATTERS, Certainty.CLEAR)
    assert finding.primary.effect_size < 0


def test_a_change_that_rests_on_two_people_is_not_clear():
    start = np.full(14, 50.0) + np.arange(14)
    end = start + np.array([-60, -55, -6, -5, 4, 2, -4, 1, -3, -5, -2, -6, -4, -1])
    finding = answer(question(start, end))
    assert finding.by_method("without_two_most_influential").n == 12
    assert finding.certainty != Certainty.CLEAR


def test_the_two_most_influential_are_those_farthest_from_the_mean():
    moved = np.array([0.0, -30, 1, 2, 40, 1])
    assert sorted(paired.most_influential(moved)) == [1, 4]
    assert list(paired.most_influential(np.array([-5.0, 5, 0, 0, 0, 1]), 1)) == [0]


def test_everybody_changing_by_nothing_has_an_estimate_and_no_t():
    start, _ = scores(12, 0)
    finding = answer(question(start, start))
    primary = finding.primary
    assert (primary.estimate, primary.statistic, primary.ci_low, primary.p_value) == (0, None, None, 1)
    assert (finding.verdict, finding.certainty) == (Verdict.TOO_SMALL, Certainty.NOT_CLEAR)
    assert "everybody changed by exactly 0 points" in finding.note
    assert (finding.n_fell, finding.n_rose) == (0, 0)


def test_everybody_falling_alike_is_a_change_without_an_interval():
    start, _ = scores(12, 0)
    finding = answer(question(start, start - 10))
    assert finding.primary.p_value == 2 / 2**12
    assert finding.primary.statistic is None
    assert finding.verdict == Verdict.CHANGED_MATTERS
    assert finding.certainty != Certainty.CLEAR


def test_rounding_noise_is_no_change():
    start = np.array([100 * (1 / 3 + 1 / 3 + 1 / 3) / 3] * 6)
    end = np.array([100 / 3] * 6)
    assert (paired.differences(start, end) == 0).all()


@pytest.mark.parametrize("pairs", [0, 1, 4])
def test_under_five_pairs_it_declines(pairs):
    start, end = scores(10, 5)
    end[pairs:] = np.nan
    reason = change.why_declined(question(start, end))
    assert reason is not None and "at least 5 people" in reason
    finding = change.declined_finding(question(start, end), reason)
    assert (finding.declined, finding.verdict, finding.primary.n) == (reason, None, pairs)


def test_five_pairs_are_enough():
    assert change.why_declined(question(*scores(5, 5))) is None


def test_a_comparison_that_the_gate_forbids_is_declined_with_the_gates_reason():
    q = question(*scores(30, 5), declined="answered from 1 to 5 at w1 and from 0 to 10 at w2")
    assert change.why_declined(q) == "answered from 1 to 5 at w1 and from 0 to 10 at w2"


def test_the_verdict_follows_the_p_adjusted_in_the_family():
    plan = PLAN.model_copy(
        update={"families": [Family(id="F1", members=["change.provider", *(f"change.s{i}" for i in range(9))])]}
    )
    q = question(*scores(24, 6, spread=12, seed=8))
    alone = answer(q, plan)
    among = answer(q, plan, {f"change.s{i}": 0.9 for i in range(9)})
    assert alone.p_adjusted == alone.primary.p_value < 0.05
    assert among.p_adjusted == pytest.approx(10 * among.primary.p_value)
    assert among.p_adjusted > 0.05
    assert alone.verdict == Verdict.CHANGED_UNCLEAR and among.verdict == Verdict.INCONCLUSIVE
    assert among.family == "F1"


def test_outside_a_family_there_is_no_adjusted_p_and_the_raw_one_decides():
    finding = answer(question(*scores(40, 15)))
    assert finding.p_adjusted is None and finding.family is None
    assert finding.verdict == Verdict.CHANGED_MATTERS


def leaving(fall: float, left: int, n: int = 60) -> Question:
    start, end = scores(n, fall)
    end[:left] = np.nan
    return question(start, end)


def test_the_tipping_point_is_the_first_shift_against_the_conclusion_that_changes_the_verdict():
    q = leaving(10, 25)
    tipping = answer(q).by_method("tipping_point")
    assert tipping.estimate is not None and tipping.estimate > 0 and tipping.estimate % 2.5 == 0
    kept, lost = (answer_shifted(q, s) for s in (tipping.estimate - 2.5, tipping.estimate))
    assert kept == answer(q).verdict != lost


def answer_shifted(q: Question, shift: float) -> Verdict:
    from coprod_trust.analysis.rules import verdict_on_change
    from coprod_trust.analysis.seeds import generator

    moved = paired.differences(q.start, q.end)
    rng = generator(PLAN.seed, q.finding_id, "multiple_imputation")
    people = q.starters
    drawn = imputation.impute_change(people.predictors.values, people.between, people.change, rng)
    pooled = imputation.pool(moved, drawn, shift)
    return verdict_on_change(pooled.p_value, pooled.ci95, pooled.ci90, PLAN.equivalence_bound, PLAN.alpha)


def test_a_change_that_those_who_left_could_overturn_is_at_most_suggestive():
    few, many = answer(leaving(10, 2)), answer(leaving(10, 30))
    assert few.certainty == Certainty.CLEAR
    assert many.certainty == Certainty.SUGGESTIVE


def test_a_sensitivity_analysis_with_another_verdict_is_named_in_the_note():
    rng = np.random.default_rng(2)
    start = rng.normal(60, 12, 60)
    end = np.where(start > 60, start - 0.7 * (start - 60) + rng.normal(0, 3, 60), np.nan)
    finding = answer(question(start, end))
    imputed = finding.by_method("multiple_imputation")
    assert imputed.verdict != finding.verdict
    assert f"with those who left imputed from similar stayers: {imputed.verdict}" in finding.note


def test_with_fewer_than_eight_stayers_those_who_left_are_not_imputed():
    start, end = scores(12, 15)
    end[:5] = np.nan
    finding = answer(question(start, end))
    assert finding.by_method("multiple_imputation").declined
    assert finding.certainty != Certainty.CLEAR


def test_imputation_removes_the_bias_of_people_leaving_by_their_starting_score():
    rng = np.random.default_rng(11)
    of_stayers, of_all = [], []
    for _ in range(200):
        start = rng.normal(60, 15, 60)
        end = 60 + 0.4 * (start - 60) - 8 + rng.normal(0, 10, 60)
        stays = start > 52
        moved = (end - start)[stays]
        drawn = imputed(start, np.where(stays, end - start, np.nan), rng)
        of_stayers.append(moved.mean())
        of_all.append(imputation.pool(moved, drawn).estimate)
    assert np.mean(of_stayers) < -11
    assert np.mean(of_all) == pytest.approx(-8, abs=0.5)


def imputed(start, change, rng, between=None):
    nothing = np.empty((len(start), 0))
    return imputation.impute_change(start[:, None], nothing if between is None else between, change, rng)


def test_the_sums_of_the_draws_are_those_of_people_drawn_one_by_one():
    """The same regression, its coefficients drawn, then each person: mean and spread of both sums over many draws."""
    rng = np.random.default_rng(21)
    start, end = scores(30, 8)
    change = np.where(np.arange(30) < 22, end - start, np.nan)
    ours = [imputed(start, change, rng) for _ in range(60)]
    x = np.column_stack([np.ones(30), start])
    inverse = np.linalg.inv(x[:22].T @ x[:22])
    beta = inverse @ x[:22].T @ change[:22]
    rss = ((change[:22] - x[:22] @ beta) ** 2).sum()
    theirs = []
    for _ in range(6000):
        sigma = np.sqrt(rss / rng.chisquare(20))
        people = x[22:] @ rng.multivariate_normal(beta, sigma**2 * inverse) + rng.normal(0, sigma, 8)
        theirs.append((people.sum(), (people**2).sum()))
    for k, name in enumerate(("sums", "squares")):
        drawn, expected = np.concatenate([getattr(d, name) for d in ours]), np.array(theirs)[:, k]
        assert drawn.mean() == pytest.approx(expected.mean(), abs=4 * expected.std() / np.sqrt(3000))
        assert drawn.std() == pytest.approx(expected.std(), rel=0.06)
    both = [np.corrcoef(np.concatenate([d.sums for d in ours]), np.concatenate([d.squares for d in ours]))[0, 1]]
    assert both[0] == pytest.approx(np.corrcoef(np.array(theirs).T)[0, 1], abs=0.03)


def test_who_left_after_a_wave_between_is_imputed_from_that_wave_too():
    """Leaving depends on the second wave: the starting score alone cannot mend what that does, the second wave can."""
    rng = np.random.default_rng(31)
    alone, chained, truth = [], [], []
    for _ in range(150):
        start = rng.normal(60, 12, 80)
        middle = start - 6 + rng.normal(0, 10, 80)
        change = middle - start + rng.normal(-4, 4, 80)
        stays = middle > 50
        seen = np.where(rng.random(80) < 0.85, middle, np.nan)
        known = np.where(stays, change, np.nan)
        alone.append(imputation.pool(known[stays], imputed(start, known, rng)).estimate)
        chained.append(imputation.pool(known[stays], imputed(start, known, rng, seen[:, None])).estimate)
        truth.append(change.mean())
    assert np.mean(alone) > np.mean(truth) + 1.5
    assert np.mean(chained) == pytest.approx(np.mean(truth), abs=0.6)


def test_pooling_sums_is_pooling_completed_data_sets():
    start, end = scores(30, 8)
    moved = (end - start)[:20]
    rng = np.random.default_rng(2)
    draws = rng.normal(-5, 10, (50, 10))
    completed = [np.concatenate([moved, d + 7.5]) for d in draws]
    found = imputation.pool(moved, imputation.Drawn(10, draws.sum(axis=1), (draws**2).sum(axis=1)), 7.5)
    means, errors = [c.mean() for c in completed], [c.var(ddof=1) / 30 for c in completed]
    expected = imputation.rubin(np.mean(means), np.mean(errors), np.var(means, ddof=1), 50, 29)
    assert [found.estimate, found.std_error, found.df] == pytest.approx(
        [expected.estimate, expected.std_error, expected.df]
    )


def test_the_pooled_interval_covers_the_true_change_about_as_often_as_it_says():
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(400):
        start = rng.normal(60, 15, 40)
        end = start - 8 - 0.3 * (start - 60) + rng.normal(0, 12, 40)
        stays = rng.random(40) < 1 / (1 + np.exp(-(start - 52) / 8))
        if stays.sum() < 10:
            continue
        moved = (end - start)[stays]
        pooled = imputation.pool(moved, imputed(start, np.where(stays, end - start, np.nan), rng))
        covered += pooled.ci95[0] < -8 < pooled.ci95[1]
    assert 0.92 <= covered / 400 <= 0.975


changes = arrays(np.float64, st.integers(6, 30), elements=st.integers(-30, 30).map(lambda i: i * 10 / 3))


@settings(max_examples=40, deadline=None)
@given(changes)
def test_turning_the_scale_round_turns_every_sign(moved):
    start = np.linspace(40, 60, len(moved))
    one, other = answer(question(start, start + moved)), answer(question(start + moved, start))
    assert one.primary.estimate == pytest.approx(-other.primary.estimate, abs=1e-9)
    assert one.primary.p_value == pytest.approx(other.primary.p_value, abs=0.06)
    for method in ("d_av", "hedges_g", "wilcoxon", "paired_t"):
        a, b = one.by_method(method), other.by_method(method)
        if a is not None and a.effect_size is not None:
            assert a.effect_size == pytest.approx(-b.effect_size, abs=1e-9)
            if a.effect_ci_low is not None:
                assert a.effect_ci_low == pytest.approx(-b.effect_ci_high, abs=1e-6)
    assert (one.n_fell, one.n_rose) == (other.n_rose, other.n_fell)


@settings(max_examples=40, deadline=None)
@given(changes, st.integers(-20, 20))
def test_a_constant_added_to_both_waves_changes_nothing_but_the_means(moved, constant):
    start = np.linspace(40, 60, len(moved))
    one, other = (answer(question(start + c, start + moved + c)) for c in (0, constant))
    assert one.primary.p_value == pytest.approx(other.primary.p_value, rel=1e-6)
    assert one.verdict == other.verdict
    assert other.mean_from == pytest.approx(one.mean_from + constant)


@settings(max_examples=25, deadline=None)
@given(changes)
def test_a_wider_bound_never_turns_too_small_into_inconclusive(moved):
    start = np.linspace(40, 60, len(moved))
    narrow, wide = (
        answer(question(start, start + moved), PLAN.model_copy(update={"equivalence_bound": b})) for b in (5.0, 9.0)
    )
    if narrow.verdict == Verdict.TOO_SMALL:
        assert wide.verdict == Verdict.TOO_SMALL


def test_the_same_data_give_the_same_figures_whatever_else_is_computed():
    q = leaving(6, 10)
    first = answer(q)
    answer(question(*scores(33, 3)))
    assert answer(q) == first


def test_another_seed_changes_only_what_is_drawn():
    q = leaving(2.5, 10)
    one, other = answer(q), answer(q, PLAN.model_copy(update={"seed": 99}))
    assert one.primary.p_value == other.primary.p_value
    assert one.by_method("sign_flip").p_value != other.by_method("sign_flip").p_value


def test_what_a_sensitivity_analysis_is_called_does_not_depend_on_the_data():
    q = leaving(6, 10)
    assert [e.method for e in answer(q).estimates[-5:]] == [
        "without_two_most_influential",
        sensitivity.IMPUTED,
        sensitivity.TIPPING,
        sensitivity.WEIGHTED,
        sensitivity.BOUNDS,
    ]


def with_model(start: np.ndarray, end: np.ndarray, **fields: object) -> Question:
    model = mixed_model.fit(("w1", "w2"), np.column_stack([start, end]))
    return question(start, end, model=model, **fields)


def test_the_model_carries_verdict_equivalence_and_refits():
    start, end = scores(40, 6)
    end[:10] = np.nan
    finding = answer(with_model(start, end))
    assert (finding.primary.method, finding.primary.n, finding.n) == ("mixed_model", 40, 30)
    assert finding.primary.verdict == finding.verdict
    assert finding.by_method("paired_t").role == "secondary"
    assert finding.by_method("paired_t").estimate == pytest.approx(np.nanmean(end - start))
    assert finding.by_method("without_two_most_influential").n == 38
    tost = finding.by_method("tost")
    assert (tost.estimate, tost.df) == (finding.primary.estimate, finding.primary.df)
    assert finding.mean_to - finding.mean_from == pytest.approx(finding.primary.estimate)
    assert "also if they left" in finding.estimand


def test_equivalence_by_the_model_is_the_paired_one_where_nobody_left():
    start, end = scores(40, 1)
    by_model, by_pairs = (answer(make(start, end)).by_method("tost") for make in (with_model, question))
    assert by_model.p_value == pytest.approx(by_pairs.p_value, rel=1e-6)
    assert by_model.ci_low == pytest.approx(by_pairs.ci_low, rel=1e-6)


def test_where_the_model_declines_the_paired_test_stands_in_and_the_finding_says_so():
    start, end = scores(7, 15)
    finding = answer(with_model(start, end))
    assert finding.primary.method == "paired_t"
    assert "the paired test stands in" in finding.note and "needs at least 8 people" in finding.note
    assert "both waves" in finding.estimand


def test_where_all_changed_alike_the_paired_test_stands_in():
    start = np.array([50.0, 60, 70, 55, 65, 45, 52, 58, 61])
    finding = answer(with_model(start, start - 5))
    assert (finding.primary.method, finding.primary.estimate) == ("paired_t", -5)


def test_who_left_moves_the_estimate_when_leaving_goes_with_the_start():
    """Regression to the mean: those low at the start would have risen, and the completers do not know."""
    rng = np.random.default_rng(7)
    start = rng.normal(60, 15, 400)
    end = 60 + 0.5 * (start - 60) + rng.normal(0, 13, 400)
    end[start < 52] = np.nan
    finding = answer(with_model(start, end))
    assert abs(finding.primary.estimate) < 2 < -finding.by_method("paired_t").estimate


def test_an_early_look_at_a_question_asked_again_is_called_interim():
    start, end = scores(30, 12)
    early, last, once = (answer(question(start, end, look=look)).note or "" for look in ((1, 2), (2, 2), None))
    assert "interim look 1 of 2 at this question; p is not adjusted for looks" in early
    assert "look 2 of 2" in last and "interim" not in last
    assert "look" not in once


def test_what_could_be_seen_stands_beside_by_the_deciding_method():
    start, end = scores(40, 6)
    end[:10] = np.nan
    finding = answer(with_model(start, end))
    row = finding.by_method("minimum_detectable_change")
    assert row.n == 30
    assert row.estimate == pytest.approx(2.8 * finding.primary.std_error, rel=0.05)
