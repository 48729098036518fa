"""Who stayed, who took part, how change compares with another group's, and what goes with willingness to take part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coprod_trust.analysis import (
    balance,
    baseline,
    difference,
    engagement,
    firth,
    membership,
    ordered,
    rules,
    weighting,
)
from coprod_trust.analysis.finding import DifferenceVerdict, Finding, Role
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.store import open_memory
from coprod_trust.study.model import Plan
from tests.analysis.scored import load
from tests.analysis.test_step import analysed, by_id, people, quick
from tests.studies import STUDY_YAML

PLAN = Plan(permutations=199, bootstraps=199)


def columns(**values: np.ndarray) -> baseline.Columns:
    matrix = np.column_stack(list(values.values()))
    return baseline.Columns(tuple(values), matrix, np.zeros(matrix.shape, dtype=bool))


def concluded(answer) -> Finding:
    families = Families(PLAN)
    families.add(answer.finding_id, answer.name, answer.slot, answer.p_value)
    return answer.finding(families)


# The model


def test_the_smaller_group_limits_the_predictors_and_those_without_room_say_so() -> None:
    rng = np.random.default_rng(1)
    event = np.arange(78) < 60
    predictors = columns(a=rng.normal(size=78), b=rng.normal(size=78), c=rng.normal(size=78))
    model = membership.model(event, predictors)
    assert model.used.names == ("a", "b"), "18 of the rarer outcome have room for two predictors of nine each"
    assert model.estimate("b", Role.PRIMARY).declined is None
    assert "room for 2 of 3 predictors" in model.estimate("c", Role.PRIMARY).declined
    eight = membership.model(np.arange(78) < 70, predictors)
    assert eight.estimate("a", Role.PRIMARY).declined == rules.FIRTH_EVENTS.declines(8)


def test_an_odds_ratio_is_for_one_standard_deviation_more_and_for_having_a_level() -> None:
    rng = np.random.default_rng(2)
    age, woman = rng.normal(40, 12, 200), (rng.random(200) < 0.5).astype(float)
    event = rng.random(200) < 1 / (1 + np.exp(-(age - 40) / 12 - 0.8 * woman))
    model = membership.model(event, columns(age=age, woman=woman))
    raw = firth.fit(event, np.column_stack([age, woman]), ("age", "woman"))
    of_age, of_woman = (model.estimate(n, Role.PRIMARY) for n in ("age", "woman"))
    assert of_age.estimate == pytest.approx(raw.coefficient("age").estimate * age.std(ddof=1))
    assert of_woman.estimate == pytest.approx(raw.coefficient("woman").estimate)
    assert of_age.effect_size == pytest.approx(np.exp(of_age.estimate))
    assert of_age.effect_ci_low < of_age.effect_size < of_age.effect_ci_high


def test_a_predictor_that_separates_the_groups_has_a_finite_odds_ratio() -> None:
    score = np.concatenate([np.linspace(60, 90, 30), np.linspace(10, 50, 12)])
    found = membership.model(np.arange(42) < 30, columns(score=score)).estimate("score", Role.PRIMARY)
    assert found.declined is None
    assert 0 < found.ci_low < found.estimate < 20


@pytest.mark.parametrize(
    ("event", "values", "reason"),
    [
        pytest.param([True] * 20, np.arange(20.0), "same outcome", id="nobody left"),
        pytest.param([True, False] * 10, np.ones(20), "does not vary", id="constant"),
    ],
)
def test_what_cannot_be_modelled_is_said(event, values, reason) -> None:
    with pytest.raises(firth.NotFitted, match=reason):
        firth.fit(np.array(event), values[:, None], ("x",))


def test_collinear_predictors_are_refused() -> None:
    x = np.arange(20.0)
    with pytest.raises(firth.NotFitted, match="follows from the others"):
        firth.fit(x % 3 == 0, np.column_stack([x, 2 * x + 1]), ("x", "y"))


def test_beyond_some_size_the_profile_is_left_for_wald_which_is_then_the_same(monkeypatch) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=4000)
    event = rng.random(4000) < 1 / (1 + np.exp(-0.5 * x))
    (profile,) = firth.fit(event, x[:, None], ("x",)).coefficients
    monkeypatch.setattr(firth, "PROFILE_UP_TO", 1000)
    (wald,) = firth.fit(event, x[:, None], ("x",)).coefficients
    assert (profile.profiled, wald.profiled) == (True, False)
    assert [wald.ci_low, wald.ci_high] == pytest.approx([profile.ci_low, profile.ci_high], abs=0.02 * wald.std_error)


# Weights and balance


def test_weights_make_stayers_resemble_everybody_who_started() -> None:
    rng = np.random.default_rng(4)
    start = rng.normal(60, 15, 3000)
    stayed = rng.random(3000) < 1 / (1 + np.exp(-(start - 55) / 15))
    weights = weighting.stabilised(stayed, columns(start=start))
    assert start[stayed].mean() > start.mean() + 3
    assert np.average(start[stayed], weights=weights.values[stayed]) == pytest.approx(start.mean(), abs=0.5)
    assert weights.values[stayed].mean() == pytest.approx(1, abs=0.03), "stabilised"
    assert weights.values[~stayed].max() == 0
    assert weights.effective_n < stayed.sum()


def test_few_who_left_are_not_modelled() -> None:
    found = weighting.stabilised(np.arange(40) >= 8, columns(start=np.arange(40.0)))
    assert found == rules.FIRTH_EVENTS.declines(8)


def test_an_interval_of_the_weighted_mean_covers_the_change_of_all_who_started() -> None:
    rng = np.random.default_rng(5)
    covered, biased = 0, []
    for _ in range(300):
        start = rng.normal(60, 15, 60)
        change = -8 - 0.4 * (start - 60) + rng.normal(0, 10, 60)
        stayed = rng.random(60) < 1 / (1 + np.exp(-(start - 48) / 10))
        weights = weighting.stabilised(stayed, columns(start=start))
        if isinstance(weights, str):
            continue
        found = weighting.mean(change[stayed], weights.values[stayed])
        covered += found.ci95[0] < -8 < found.ci95[1]
        biased.append(change[stayed].mean())
    assert np.mean(biased) < -9
    assert covered / len(biased) > 0.90


def test_odds_weights_make_one_group_resemble_the_other() -> None:
    rng = np.random.default_rng(6)
    start = np.concatenate([rng.normal(66, 12, 400), rng.normal(58, 12, 300)])
    event = np.arange(700) < 400
    model = membership.model(event, columns(start=start))
    for first in (True, False):
        weights, n = membership.odds_weights(model, first)
        means = [np.average(start[g], weights=weights[g]) for g in (event, ~event)]
        assert means[0] == pytest.approx(means[1], abs=1.5)
        assert n < (400 if first else 300)


def test_a_difference_in_means_has_no_p_and_declines_under_eight() -> None:
    rng = np.random.default_rng(7)
    values, event = rng.normal(size=40), np.arange(40) < 32
    found = membership.difference(values, event, share=False)
    assert found.p_value is None and found.statistic is None
    assert found.effect_name == "smd" and found.effect_ci_low < found.effect_size < found.effect_ci_high
    values[39] = np.nan
    assert membership.difference(values, event, share=False).declined == rules.SELECTION.declines(7)


def test_a_variable_that_does_not_vary_has_no_standardised_difference() -> None:
    assert balance.smd(np.full(10, 3.0), np.full(9, 3.0)) is None


# Difference in differences


def followed(own: int, other: int, gap: float = 0.0, seed: int = 8) -> difference.Question:
    rng = np.random.default_rng(seed)
    n = own + other + 6
    member = np.arange(n) < own + 3
    start = rng.normal(60, 12, n)
    end = start - 3 - gap * member + rng.normal(0, 8, n)
    end[:3] = end[-3:] = np.nan
    return difference.Question("provider", "w1", "w2", "others", start, end, member, True, "to w2")


@pytest.mark.parametrize(
    ("own", "other", "gap", "expected"),
    [
        pytest.param(40, 15, 25, DifferenceVerdict.DIFFERENT, id="fifteen a group and a small p"),
        pytest.param(40, 15, 0, DifferenceVerdict.INCONCLUSIVE, id="a large p is never 'alike'"),
        pytest.param(40, 14, 25, DifferenceVerdict.NOT_CONCLUSIVE, id="under fifteen nothing is concluded"),
        pytest.param(14, 40, 25, DifferenceVerdict.NOT_CONCLUSIVE, id="in either group"),
    ],
)
def test_verdict_on_a_difference_in_differences(own, other, gap, expected) -> None:
    found = concluded(difference.answer(followed(own, other, gap), PLAN))
    assert found.verdict == expected
    assert (found.primary.p_value < 0.05) == (gap > 0)


def test_under_eight_followed_a_group_it_declines_and_without_any_it_says_that_nobody_was_followed() -> None:
    assert difference.answer(followed(40, 7), PLAN).draft.declined == rules.DIFFERENCE_IN_DIFFERENCES.declines(7)
    assert difference.answer(followed(40, 0), PLAN).draft.declined == difference.NOT_FOLLOWED


def test_lee_bounds_trim_the_group_that_was_followed_more_completely() -> None:
    """10 of 10 followed against 8 of 10: a fifth of the first group is trimmed at either end."""
    start = np.zeros(20)
    end = np.concatenate([np.arange(10.0), np.full(8, 1.0), [np.nan, np.nan]])
    q = difference.Question("provider", "w1", "w2", "others", start, end, np.arange(20) < 10, True, "to w2")
    found = difference.lee_bounds(q)
    assert (found.ci_low, found.ci_high) == pytest.approx((np.arange(8).mean() - 1, np.arange(2, 10).mean() - 1))
    other_way = difference.lee_bounds(replace(q, participant=~q.participant))
    assert (other_way.ci_low, other_way.ci_high) == pytest.approx((-found.ci_high, -found.ci_low))
    equal = difference.lee_bounds(replace(q, end=np.where(np.isnan(end), 1.0, end)))
    assert equal.ci_low == pytest.approx(equal.ci_high)


# Willingness to take part


def willing(n: int = 60, seed: int = 9) -> engagement.Question:
    rng = np.random.default_rng(seed)
    trust, ease = rng.normal(60, 15, n), rng.normal(50, 10, n)
    answer = np.clip(np.round((trust - 60) / 12 + rng.logistic(0, 0.7, n)) + 4, 1, 7)
    given = (engagement.Predictor("ease", ease), engagement.Predictor("provider", trust))
    return engagement.Question("engagement", "w1", answer, given, (True, True))


def test_willingness_goes_with_what_it_was_made_to_go_with_alone_and_beside_the_others() -> None:
    ease, provider = (a.draft for a in engagement.answers(willing()))
    assert provider.finding_id == "engagement.provider.w1" and provider.exploratory
    assert provider.primary.p_value < 0.001 and provider.primary.effect_ci_low > 1
    assert ease.primary.p_value > 0.05
    assert "beside ease" in provider.by_method(engagement.ADJUSTED).note


def test_under_thirty_people_an_ordered_regression_declines() -> None:
    (ease, _) = (a.draft for a in engagement.answers(willing(29)))
    assert ease.declined == rules.ORDERED.declines(29)


def test_the_joint_model_takes_predictors_in_order_while_there_are_nine_effective_people_for_each() -> None:
    q = willing(60)
    rng = np.random.default_rng(10)
    more = tuple(engagement.Predictor(f"x{k}", rng.normal(size=60)) for k in range(10))
    q = replace(q, predictors=(*q.predictors, *more), exploratory=(True,) * 12)
    room = int(ordered.effective_people(ordered.levels(q.outcome)) // rules.FIRTH_EVENTS.minimum)
    joint = [a.draft.by_method(engagement.ADJUSTED).declined is None for a in engagement.answers(q)]
    assert joint == [True] * room + [False] * (12 - room)


def test_an_answer_that_everybody_gave_and_one_that_is_ordered_perfectly_are_not_modelled() -> None:
    with pytest.raises(firth.NotFitted, match="same answer"):
        ordered.fit(np.zeros(40, dtype=int), np.arange(40.0)[:, None])
    with pytest.raises(firth.NotFitted, match="so well"):
        ordered.fit(np.arange(40) // 10, np.arange(40.0)[:, None])


def test_effective_people_of_an_ordered_answer() -> None:
    """Harrell: a binary outcome with 50 events in 100 is worth 75, with 10 events 27; a continuous one all."""
    half, tenth = np.arange(100) % 2, (np.arange(100) < 10).astype(int)
    assert ordered.effective_people(half) == pytest.approx(75)
    assert ordered.effective_people(tenth) == pytest.approx(27)
    assert ordered.effective_people(np.arange(100)) == pytest.approx(100 - 0.01)


def test_many_levels_are_merged_into_at_most_twelve() -> None:
    found = ordered.levels(np.random.default_rng(1).normal(size=500))
    assert found.min() == 0 and len(np.unique(found)) == found.max() + 1 <= 12
    assert np.bincount(found).min() > 30


# In a study


@pytest.fixture(scope="module")
def results():
    study = quick(auxiliary=["provider", "gender"], contrasts=[])
    waves = people(60, non_participants=20)
    rng = np.random.default_rng(11)
    lost = rng.permutation(waves["w1"]["participant_id"])[:20]
    for wave in ("w2", "w3"):
        waves[wave] = waves[wave][~waves[wave]["participant_id"].isin(lost)]
    with open_memory() as con:
        load(con, study, waves)
        yield waves, analysed(con, study)


def test_stayers_and_leavers_are_compared_on_the_auxiliary_variables(results) -> None:
    waves, found = results
    finding = by_id(found)["retention.provider.w1-w3"]
    first = waves["w1"][waves["w1"]["study_group"] == "participant"]
    score = first[["prov_1", "prov_2", "prov_3"]].mean(axis=1) * 10
    stays = first["participant_id"].isin(waves["w3"]["participant_id"])
    assert finding.primary.estimate == pytest.approx(score[stays].mean() - score[~stays].mean())
    assert (finding.n_start, finding.primary.n) == (40, 40)
    assert finding.p_adjusted is None and finding.verdict is None
    model = finding.by_method(membership.MODEL)
    assert model.effect_name == "odds_ratio" and model.declined is None
    assert "retention.gender_f.w1-w3" in by_id(found), "of a category every level but the most frequent"
    assert "retention.gender_m.w1-w3" not in by_id(found)


def test_every_scale_and_covariate_is_in_the_balance(results) -> None:
    rows = pd.DataFrame(results[1].tables["balance"])
    kept = rows[(rows["comparison"] == "retention") & (rows["contrast"] == "w1-w3") & (rows["weighting"] == "none")]
    kept = kept[kept["population"] == "participants"]
    assert set(kept["variable"]) == {"provider", "municipal", "generalized", "peers", "age", "gender"}
    assert set(kept[kept["variable"] == "gender"]["level"]) == {"f", "m"}
    chosen = rows[(rows["comparison"] == "selection") & (rows["weighting"] == "none")]
    assert "peers" not in set(chosen["variable"]), "others were not asked"
    assert set(chosen["reference"]) == {"non_participant"}


def test_change_is_set_beside_that_of_those_who_do_not_take_part(results) -> None:
    found = by_id(results[1])
    finding = found["difference_in_differences.provider.w1-w3"]
    assert finding.declined is None and finding.verdict in set(DifferenceVerdict)
    assert finding.by_method(difference.WELCH).n == sum(
        f.by_method("paired_t").n
        for f in (found["change.provider.w1-w3"], found["change.provider.w1-w3.non_participant"])
    )
    assert "difference_in_differences.peers.w1-w3" not in found


def test_a_study_without_another_group_says_that_nothing_can_be_compared() -> None:
    yaml = STUDY_YAML.replace("    - {id: non_participant, label: Non-participants, codes: [non-participant]}\n", "")
    study = quick(yaml)
    waves = people(30, non_participants=0)
    with open_memory() as con:
        load(con, study, waves)
        found = by_id(analysed(con, study))
    declined = [f for f in found.values() if f.design == "A12"]
    assert {f.outcome for f in declined} == {"provider", "municipal", "generalized", "peers"}
    assert all("no comparison group" in f.declined for f in declined)
    assert not [f for f in found if f.startswith(("propensity", "overlap"))]


def test_only_core_analyses_leave_these_out() -> None:
    study = quick(analyses="core")
    with open_memory() as con:
        load(con, study, people())
        results = analysed(con, study)
    assert {f.design for f in results.findings} <= {"A1", "A2", "A3"}
    assert not [f for f in by_id(results) if f.startswith(("propensity", "overlap", "retention"))]
    assert "balance" not in results.tables
