"""Reliability of a scale in a wave, and what makes it decline."""

from __future__ import annotations

import numpy as np
import pytest

from coprod_trust.analysis.reliability import alpha_with_interval, reliability


def answers(n: int, k: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(5, 1.5, n)[:, None] + rng.normal(0, 1, (n, k)))


def of(items: np.ndarray):
    return reliability("provider", "w1", "participant", items)[0]


def omega(items: np.ndarray):
    alpha, found = reliability("provider", "w1", "participant", items)
    assert (alpha.coefficient, found.coefficient, alpha.n) == ("alpha", "omega", found.n)
    return found


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


def test_three_items_have_omega_beside_alpha():
    found = omega(answers(60, 4))
    assert found.ci_low < found.value < found.ci_high < 1
    # Items made alike: omega and alpha estimate the same.
    assert found.value == pytest.approx(of(answers(60, 4)).value, abs=0.02)


def test_omega_does_not_depend_on_the_unit_or_the_sign_of_all_items():
    items = answers(60, 4)
    assert omega(10 - items).value == pytest.approx(omega(items).value)
    assert omega(items * 25 - 7).value == pytest.approx(omega(items).value)


def test_omega_declines_where_an_item_runs_against_the_others():
    items = answers(80, 4)
    items[:, 1] = 10 - items[:, 1]
    assert omega(items).declined == "an item does not run with the others in a one-factor model"
    assert of(items).value is not None, "alpha is published all the same"


def test_omega_declines_in_a_heywood_case():
    rng = np.random.default_rng(0)
    level = rng.normal(size=200)
    noise = rng.normal(size=(200, 3))
    items = np.column_stack([level, level + 0.3 * noise[:, 0], 0.2 * level + noise[:, 1]])
    items[:, 2] = items[:, 2] - 0.5 * noise[:, 0]
    assert "Heywood" in omega(items).declined


def test_omega_declines_where_items_determine_one_another():
    items = answers(60, 3)
    assert omega(np.column_stack([items, items[:, 0]])).declined == "the items determine one another"
