"""Change by a condition: what is told, how it is put, and what declines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coprod_trust.analysis import moderation
from coprod_trust.analysis.finding import Certainty, ModeratorVerdict
from tests.analysis.relations import PLAN, concluded, method


def made(n: int, gain: float, seed: int = 1, waves: int = 2) -> moderation.Question:
    """Change of -8 on average, ``gain`` points more for one standard deviation of the condition."""
    rng = np.random.default_rng(seed)
    condition = rng.normal(60, 15, n)
    z = (condition - condition.mean()) / condition.std(ddof=1)
    start = rng.normal(65, 12, (n, 1))
    later = start - 8 + gain * z[:, None] + rng.normal(0, 8, (n, waves - 1))
    names = tuple(f"w{i + 1}" for i in range(waves))
    scores = np.column_stack([start, later])
    return moderation.Question("org_support", "provider", names, condition, scores, "participants", True, True)


def answered(question: moderation.Question):
    answer, rows = moderation.answer(question, PLAN)
    return concluded(answer), rows


def test_more_of_a_condition_and_a_higher_change():
    finding, rows = answered(made(60, 6.0))
    assert (finding.verdict, finding.certainty) == (ModeratorVerdict.HIGHER, Certainty.SUGGESTIVE)
    assert finding.primary.estimate == pytest.approx(6, abs=2.5)
    by_place = {r["place"]: r for r in rows}
    assert by_place["minus_1_sd"]["change"] < by_place["mean"]["change"] < by_place["plus_1_sd"]["change"]
    spread = by_place["plus_1_sd"]["change"] - by_place["minus_1_sd"]["change"]
    assert spread == pytest.approx(2 * finding.primary.estimate)
    assert answered(made(60, -6.0))[0].verdict == ModeratorVerdict.LOWER


def test_the_condition_is_a_number_and_never_cut_in_two():
    """Any order-keeping cut at the median would give these two conditions the same answer."""
    question = made(60, 6.0)
    stretched = replace(
        question, moderator=np.where(question.moderator > 70, question.moderator * 3, question.moderator)
    )
    assert answered(stretched)[0].primary.estimate != pytest.approx(answered(question)[0].primary.estimate, rel=0.05)


def test_the_unit_of_the_condition_does_not_matter():
    question = made(40, 3.0)
    other = replace(question, moderator=question.moderator * 0.04 - 1)
    assert answered(other)[0].primary.estimate == pytest.approx(answered(question)[0].primary.estimate)


def test_thirty_people_with_both_scores_are_needed():
    question = made(30, 0.0)
    assert answered(question)[0].declined is None
    scores = question.scores.copy()
    scores[0, -1] = np.nan
    finding, rows = answered(replace(question, scores=scores))
    assert finding.declined == "a moderator needs at least 30 people; there are 29" and not rows


def test_who_left_stays_in_the_model():
    question = made(60, 3.0, waves=3)
    scores = question.scores.copy()
    scores[:20, 2] = np.nan
    scores[:10, 1] = np.nan
    finding, _ = answered(replace(question, scores=scores))
    assert (finding.primary.n, method(finding, "freedman_lane").n) == (60, 40)
    assert "50 of them also later" in finding.primary.note


def test_a_condition_alike_for_all_is_declined():
    question = made(40, 0.0)
    finding, _ = answered(replace(question, moderator=np.full(40, 50.0)))
    assert finding.declined == "org_support is the same for everybody"
    assert "not comparable" in str(answered(replace(question, declined="not comparable"))[0].declined)


def test_boundaries_lie_where_the_interval_meets_zero_and_only_within_the_range():
    question = made(60, 6.0)
    _, rows = answered(question)
    ends = [r for r in rows if r["place"] == "boundary"]
    assert ends and all(r["within_range"] for r in ends)
    for r in ends:
        assert min(abs(r["ci_low"]), abs(r["ci_high"])) < 1e-3
        assert question.moderator.min() <= r["condition"] <= question.moderator.max()
