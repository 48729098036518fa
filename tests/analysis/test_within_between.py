"""Trust within people over the waves: what is told, and what declines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod_trust.analysis import within_between
from coprod_trust.analysis.finding import Certainty, RelationVerdict
from tests.analysis.relations import PLAN, concluded, method, panel


def question(x: np.ndarray, y: np.ndarray, **changes: object) -> within_between.Question:
    waves = tuple(f"w{i + 1}" for i in range(x.shape[1]))
    found = within_between.Question("peers", "provider", waves, x, y, "participants", True)
    return replace(found, **changes)  # type: ignore[arg-type]


def test_scores_that_move_together_within_people_are_told_and_at_most_suggestive():
    finding = concluded(within_between.answer(question(*panel(40, 3, 0.6)), PLAN))
    assert (finding.verdict, finding.certainty) == (RelationVerdict.TOGETHER, Certainty.SUGGESTIVE)
    assert finding.primary.estimate == pytest.approx(0.6, abs=0.15)
    assert finding.family == "within_people" and finding.exploratory


def test_a_fall_that_all_share_is_no_relation_within_people():
    finding = concluded(within_between.answer(question(*panel(60, 3, 0.0, seed=4, drift=-20)), PLAN))
    assert finding.verdict == RelationVerdict.INCONCLUSIVE
    assert abs(method(finding, "rm_correlation").estimate) < 0.25


def test_people_who_differ_are_no_relation_within_people():
    x, y = panel(60, 3, 0.0, seed=9)
    level = np.random.default_rng(2).normal(0, 30, (60, 1))
    finding = concluded(within_between.answer(question(x + level, y + level), PLAN))
    assert finding.verdict == RelationVerdict.INCONCLUSIVE
    assert method(finding, "between_people").p_value < 0.001


@settings(max_examples=15, deadline=None)
@given(st.floats(-50, 50), st.floats(0.1, 20), st.integers(0, 1000))
def test_levels_of_people_do_not_move_the_slope_and_units_scale_it(shift: float, unit: float, seed: int):
    x, y = panel(15, 3, 0.4, seed)
    levels = np.random.default_rng(seed).normal(0, abs(shift) + 1, (15, 1))
    plain = within_between.within(x, y)
    moved = within_between.within(x + levels, unit * y - levels)
    assert moved.slope == pytest.approx(unit * plain.slope, rel=1e-6, abs=1e-9)


def test_people_with_one_wave_tell_of_between_only():
    x, y = panel(30, 3, 0.5)
    x[20:, 1:] = np.nan
    finding = concluded(within_between.answer(question(x, y), PLAN))
    assert (finding.primary.n, method(finding, "fixed_effects").n) == (30, 20)
    assert "20 people with two or more" in finding.primary.note


def test_three_waves_and_ten_people_with_two_are_needed():
    x, y = panel(30, 2, 0.5)
    assert "at least 3 waves" in str(concluded(within_between.answer(question(x, y), PLAN)).declined)
    x, y = panel(10, 3, 0.5)
    assert concluded(within_between.answer(question(x, y), PLAN)).declined is None
    x[0, 1:] = np.nan
    declined = concluded(within_between.answer(question(x, y), PLAN))
    assert "at least 10 people with both scores at two waves" in str(declined.declined)
    assert (declined.verdict, declined.certainty) == (None, None)


def test_a_predictor_that_nobody_moves_in_is_declined():
    x, y = panel(30, 3, 0.5)
    x = np.repeat(x[:, :1], 3, axis=1) + np.array([0, -3, -5])
    assert "apart from what all share" in str(concluded(within_between.answer(question(x, y), PLAN)).declined)


def test_one_person_can_be_what_the_verdict_rests_on():
    x, y = panel(14, 3, 0.0, seed=3)
    x[0, 2] += 90
    y[0, 2] += 90
    finding = concluded(within_between.answer(question(x, y), PLAN))
    assert finding.verdict == RelationVerdict.TOGETHER
    assert method(finding, "without_two_most_influential").verdict == RelationVerdict.INCONCLUSIVE
    assert finding.certainty == Certainty.NOT_CLEAR


def test_people_with_flagged_answers_are_left_out_beside_it():
    flagged = np.zeros(30, dtype=bool)
    flagged[[3, 7]] = True
    finding = concluded(within_between.answer(question(*panel(30, 3, 0.5), flagged=flagged), PLAN))
    assert method(finding, "without_flagged").n == 28


def test_a_large_panel_takes_seconds_and_the_normal_limit():
    finding = concluded(within_between.answer(question(*panel(50_000, 3, 0.02)), PLAN))
    flip, fixed = method(finding, "score_flip"), method(finding, "fixed_effects")
    assert "normal limit" in flip.note
    assert flip.p_value == pytest.approx(fixed.p_value, rel=0.1, abs=1e-6)
