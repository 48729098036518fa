"""Rows on the instrument: items, ends, starting level, teams, invariance; what they say and where they decline."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis import clusters, invariance, item_change, rules
from coprod_trust.analysis.finding import Estimate, Role, Verdict

ITEMS = ("a", "b", "c", "d")


def answers(n: int, shifts: tuple[float, ...], seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start = rng.normal(60, 10, (n, 1)) + rng.normal(0, 8, (n, 4))
    return start, start + np.array(shifts) + rng.normal(0, 6, (n, 1)) + rng.normal(0, 6, (n, 4))


def test_one_item_that_carries_the_change_stands_apart_from_the_others():
    rows = {r.item: r for r in item_change.item_changes(ITEMS, *answers(50, (0, 0, -20, 0)))}
    assert rows["c"].change == pytest.approx(-20, abs=4)
    assert rows["c"].from_others_p_adjusted < 0.001
    assert all(rows[i].change_of_others < -4 for i in "abd"), "the others' mean holds the one that fell"
    assert rows["c"].change == pytest.approx(rows["c"].change_of_others + rows["c"].from_others)


def test_items_that_fall_alike_do_not_stand_apart():
    rows = item_change.item_changes(ITEMS, *answers(50, (-10, -10, -10, -10), seed=3))
    assert all(r.p_adjusted < 0.001 for r in rows)
    assert all(r.from_others_p_adjusted > 0.05 for r in rows)
    assert all(r.p_adjusted >= r.p_value for r in rows)


def test_an_item_is_held_against_the_others_only_in_people_who_answered_all():
    start, end = answers(20, (0, 0, -20, 0))
    end[:16, 3] = np.nan
    a, *_, d = item_change.item_changes(ITEMS, start, end)
    assert (a.n, a.from_others) == (20, None)
    assert (d.n, d.change) == (4, None) and "at least 5" in d.declined


def test_an_item_that_everybody_changed_alike_in_has_no_p():
    start, end = answers(20, (0, 0, 0, 0))
    end[:, 0] = start[:, 0] - 5
    row = item_change.item_changes(ITEMS, start, end)[0]
    assert (row.change, row.std_error, row.p_value) == (-5, 0, None)


def test_change_that_only_regresses_to_the_mean_goes_with_no_level():
    """Pure measurement error: change is coupled with the start, Oldham and Blomqvist see nothing."""
    rng = np.random.default_rng(2)
    true = rng.normal(60, 12, 4000)
    start, end = true + rng.normal(0, 6, 4000), true + rng.normal(0, 6, 4000)
    assert np.corrcoef(start, end - start)[0, 1] < -0.25
    oldham, blomqvist = item_change.starting_level(start, end, 144 / 180)
    assert abs(oldham.estimate) < 0.05 and abs(blomqvist.estimate) < 0.05


def test_the_starting_level_needs_ten_people_and_a_known_reliability():
    rng = np.random.default_rng(2)
    start, end = rng.normal(size=(2, 9))
    assert all("at least 10" in str(r.declined) for r in item_change.starting_level(start, end, 0.8))
    start, end = rng.normal(size=(2, 30))
    assert item_change.starting_level(start, end, None)[1].declined == "the reliability at the start is not known"
    assert "under 0.40" in str(item_change.starting_level(start, end, 0.3)[1].declined)
    assert item_change.starting_level(start, start, 0.8)[0].declined == "the scores or their change do not vary"


def verdict(p: float, ci95: rules.Interval, ci90: rules.Interval) -> Verdict:
    return rules.verdict_on_change(p, ci95, ci90, 5, 0.05)


def test_people_alike_within_teams_widen_the_interval_and_others_do_not():
    rng = np.random.default_rng(4)
    team = np.repeat(np.arange(6), 10)
    change = -5 + np.repeat(rng.normal(0, 8, 6), 10) + rng.normal(0, 6, 60)
    primary = Estimate("mixed_model", Role.PRIMARY, 64, change.mean(), change.std(ddof=1) / 60**0.5, 58.3)
    (found,) = clusters.widened(primary, change, team, verdict)
    assert found.std_error > primary.std_error * 1.5
    assert (found.estimate, found.df, found.n) == (primary.estimate, 58.3, 64)
    assert found.verdict is not None
    alike = -5 + rng.normal(0, 6, 60)
    alike -= np.repeat([alike[i : i + 10].mean() for i in range(0, 60, 10)], 10)
    assert clusters.widened(primary, alike, team, verdict) == ()


def test_without_two_teams_there_is_no_likeness():
    change = np.random.default_rng(1).normal(size=20)
    one = np.array([3] * 18 + [-1, -1])
    assert clusters.alike(change, one) == "there are no two teams with several people"
    each = np.arange(20)
    assert clusters.alike(change, each) == "there are no two teams with several people"


def panel(n: int, waves: int = 2, k: int = 3, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 1, (n, 1)) + rng.normal(0, 0.7, (n, waves))
    return 6 + level[:, :, None] + rng.normal(0, 0.5, (n, 1, k)) + rng.normal(0, 0.8, (n, waves, k))


def test_invariance_of_a_scale_that_is_the_same_holds_and_under_a_hundred_is_screening():
    found = invariance.invariance(panel(250))
    assert (found.grade, [m.holds for m in found.models]) == ("evidence", [None, True, True])
    assert invariance.invariance(panel(99)).grade == "screening"
    assert invariance.invariance(panel(100)).grade == "evidence"


def test_invariance_declines_under_fifty_people_and_under_three_items():
    assert "at least 50 people; there are 49" in str(invariance.invariance(panel(49)).declined)
    assert invariance.invariance(panel(50)).grade == "screening"
    assert "at least 3 items" in str(invariance.invariance(panel(200, k=2)).declined)


def test_people_with_a_gap_are_in_it_and_people_without_an_answer_are_not():
    items = panel(120)
    items[:30, 1, 0] = np.nan
    assert (invariance.invariance(items).n, invariance.invariance(items).grade) == (120, "evidence")
    items[:30] = np.nan
    assert (invariance.invariance(items).n, invariance.invariance(items).grade) == (90, "screening")
    items = panel(60)
    items[5:, 1] = np.nan
    assert "5 answered all 6 items of the waves" in str(invariance.invariance(items).declined)


def test_leaving_that_depends_on_the_start_does_not_look_like_another_meaning():
    items = panel(600, k=4, seed=9)
    items[items[:, 0].mean(axis=1) < 6, 1] = np.nan
    assert [m.holds for m in invariance.invariance(items).models] == [None, True, True]


def test_an_item_whose_meaning_moved_breaks_metric_and_one_that_got_harder_scalar():
    items = panel(400, k=4)
    harder = items.copy()
    harder[:, 1, 0] -= 1.5
    assert [m.holds for m in invariance.invariance(harder).models] == [None, True, False]
    moved = items.copy()
    moved[:, 1, 0] = 6 + np.random.default_rng(5).normal(0, 1.2, 400)
    models = invariance.invariance(moved).models
    assert models[1].holds is False
    assert rules.invariance_holds(models[2].delta_cfi, models[2].delta_rmsea), "nothing more is lost"
    assert models[2].holds is False, "averages cannot be compared where loadings differ"


def test_answers_of_few_steps_are_said_to_be_treated_as_numbers():
    items = np.clip(np.round(panel(150) - 3), 1, 5)
    assert invariance.invariance(items).few_steps
    assert not invariance.invariance(panel(150)).few_steps


def test_answers_that_carry_no_model_are_declined_with_the_reason():
    items = panel(100)
    items[:, 0, 0] = 5
    assert invariance.invariance(items).declined == "an item was answered alike by everybody in a wave"
    items = panel(100)
    items[:, 0, 1] = items[:, 0, 0]
    assert invariance.invariance(items).declined == "the answers determine one another"
