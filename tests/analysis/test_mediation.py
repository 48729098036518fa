"""A path over three waves: only with enough people, exploratory, and never more than consistent with it."""

from __future__ import annotations

import numpy as np

from coprod_trust.analysis import correlation, mediation
from coprod_trust.analysis.finding import RelationVerdict
from tests.analysis.relations import PLAN, concluded, method


def made(n: int, a: float, b: float, seed: int = 1) -> mediation.Question:
    rng = np.random.default_rng(seed)
    start, before, first = rng.normal(50, 10, (3, n))
    then = 20 + a * start + 0.3 * before + rng.normal(0, 8, n)
    last = 10 + b * then + 0.5 * first + rng.normal(0, 8, n)
    between, outcome = np.column_stack([before, then]), np.column_stack([first, last])
    ids = ("commitment", "self_efficacy", "provider")
    return mediation.Question(*ids, ("w1", "w2", "w3"), start, between, outcome, "participants")


def answered(question: mediation.Question):
    return concluded(mediation.answer(question, PLAN))


def test_a_path_that_is_there():
    finding = answered(made(120, 0.5, 0.5))
    assert finding.verdict == RelationVerdict.TOGETHER and finding.exploratory
    product = method(finding, "path_a").estimate * method(finding, "path_b").estimate
    assert np.isclose(finding.primary.estimate, product)
    assert finding.primary.ci_low > 0


def test_one_half_of_a_path_is_no_path():
    assert answered(made(120, 0.6, 0.0)).verdict == RelationVerdict.INCONCLUSIVE
    assert answered(made(120, 0.0, 0.6, seed=3)).verdict == RelationVerdict.INCONCLUSIVE


def test_sixty_people_with_all_five_scores_are_needed():
    assert answered(made(60, 0.5, 0.5)).declined is None
    question = made(60, 0.5, 0.5)
    question.start[0] = np.nan
    assert answered(question).declined == "mediation needs at least 60 people with all five scores; there are 59"


def test_scores_that_do_not_vary_are_declined():
    question = made(80, 0.5, 0.5)
    question.start[:] = 50
    assert "does not vary" in str(answered(question).declined)


def test_large_samples_take_the_limit_that_the_bootstrap_comes_near():
    question = made(5_001, 0.2, 0.2, seed=2)
    finding = answered(question)
    rows = question.rows
    rng = np.random.default_rng(1)
    drawn = mediation.weighted_paths(rows, correlation.bootstrap_weights(5_001, 300, rng))
    product = drawn[:, 0] * drawn[:, 1]
    assert np.isclose(finding.primary.std_error, product.std(), rtol=0.15)
    assert finding.verdict == RelationVerdict.TOGETHER
