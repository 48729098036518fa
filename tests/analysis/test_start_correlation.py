"""What goes together at the start: groups are not mistaken for people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coprod_trust.analysis import start_correlation
from coprod_trust.analysis.finding import RelationVerdict
from tests.analysis.relations import PLAN, concluded, method


def made(
    n: int = 40, others: int = 18, r: float = 0.0, apart: float = 0.0, seed: int = 1
) -> start_correlation.Question:
    rng = np.random.default_rng(seed)
    total = n + others
    group = np.array(["participant"] * n + ["other"] * others, dtype=object)
    level = np.where(group == "participant", apart, 0.0)
    x = rng.normal(size=total)
    y = r * x + np.sqrt(1 - r**2) * rng.normal(size=total)
    return start_correlation.Question(
        "motivation", "provider", "w1", x + level, y + level, group, "participant", exploratory=True
    )


def answered(question: start_correlation.Question):
    return concluded(start_correlation.answer(question, PLAN))


def test_what_sets_groups_apart_is_not_taken_for_people():
    finding = answered(made(apart=4.0, seed=5))
    assert method(finding, "spearman_everybody").estimate > 0.4
    assert finding.verdict == RelationVerdict.INCONCLUSIVE
    assert abs(method(finding, "spearman_adjusted").estimate) < 0.3


def test_a_relation_among_participants_is_told():
    finding = answered(made(r=0.7))
    assert finding.verdict == RelationVerdict.TOGETHER and finding.primary.n == 40
    assert answered(made(r=-0.7)).verdict == RelationVerdict.OPPOSITE
    assert finding.family == "correlations"


def test_ranks_do_not_mind_how_a_scale_is_stretched():
    question = made(r=0.5)
    stretched = replace(question, x=np.exp(3 * question.x))
    assert answered(stretched).primary.estimate == pytest.approx(answered(question).primary.estimate)


def test_ten_participants_with_both_are_needed():
    assert answered(made(n=10)).declined is None
    assert answered(made(n=9)).declined == "a correlation needs at least 10 people with both scores; there are 9"


def test_a_small_other_group_declines_by_itself():
    finding = answered(made(others=6))
    assert "at least 10" in method(finding, "spearman_in_other").declined
    assert finding.declined is None


def test_one_group_has_no_adjusted_row_and_a_constant_score_is_declined():
    question = made(others=0)
    assert {e.method for e in answered(question).estimates} == {"spearman_within", "without_two_most_influential"}
    assert answered(replace(question, x=np.full(40, 50.0))).declined == "everybody has the same motivation"


def test_the_interval_needs_more_than_a_line():
    assert start_correlation.interval(1.0, 20) is None
    low, high = start_correlation.interval(0.5, 38)
    assert -1 < low < 0.5 < high < 1
