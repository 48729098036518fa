"""Reliability of a scale in a wave, and what makes it decline."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis.reliability import alpha_with_interval, reliability


def answers(n: int, k: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(5, 1.5, n)[:, None] + rng.normal(0, 1, (n, k)))


def of(items: np.ndarray):
    return reliability("provider", "w1", "participant", items)


def test_three_items_have_alpha_and_two_have_spearman_brown():
    three, two = answers(40, 3), answers(40, 2)
    assert (of(three).coefficient, of(two).coefficient) == ("alpha", "spearman_brown")
    covariance = np.cov(three.T)
    assert of(three).value == pytest.approx(1.5 * (1 - np.trace(covariance) / covariance.sum()))
    r = np.corrcoef(two.T)[0, 1]
    assert of(two).value == pytest.approx(2 * r / (1 + r))
    for found in (of(three), of(two)):
        assert found.ci_low < found.value < found.ci_high < 1


def test_one_item_has_none():
    assert of(answers(40, 1)).declined == "one item has no internal consistency"


def test_twenty_complete_people_are_needed():
    items = answers(20, 3)
    assert of(items).value is not None
    items[0, 1] = np.nan
    found = of(items)
    assert (found.value, found.n) == (None, 19) and "at least 20" in found.declined


def test_an_item_that_everybody_answered_alike_is_named_as_the_reason():
    items = answers(30, 3)
    items[:, 1] = 4
    assert of(items).declined == "1 of 3 items was answered alike by everybody"


def test_an_item_that_nobody_answered_is_not_counted():
    items = answers(30, 4)
    items[:, 2] = np.nan
    found = of(items)
    assert (found.n, found.n_items) == (30, 3)
    assert found.value == pytest.approx(of(np.delete(items, 2, axis=1)).value)


def test_a_scale_that_nobody_answered_says_so():
    found = of(np.full((5, 3), np.nan))
    assert (found.declined, found.n, found.n_items) == ("nobody answered it", 0, 3)


def test_items_that_run_against_one_another_have_no_coefficient():
    first = answers(30, 1)
    assert "opposite" in of(np.column_stack([first, 10 - first])).declined


def test_gaps_are_refused_where_pingouin_would_take_n_from_before_deletion():
    items = answers(30, 3)
    items[0, 0] = np.nan
    with pytest.raises(ValueError, match="answered all items"):
        alpha_with_interval(items)
