"""The tests between two arms, against R, published tables and enumeration done another way."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod_trust.analysis.seeds import RandomOrders
from coprod_trust.integrate.arms import Permutation, compare_shares, hedges_g, permutation_test

SLEEP = np.array(
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
)
PLANT = np.array([4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26])


def first(k: int, n: int) -> np.ndarray:
    return np.arange(n) < k


def permute(values: np.ndarray, coded: np.ndarray, draws: int = 999, seed: int = 1) -> Permutation:
    return permutation_test(values, coded, RandomOrders(seed, draws))


def test_exact_permutation_of_students_sleep_data_as_enumerated_in_r() -> None:
    # R 4.2: combn(20, 10) over sleep$extra, share of |mean difference| at least as large as observed
    test = permute(SLEEP, first(10, 20))
    assert (test.method, test.arrangements) == ("permutation_exact", 184_756)
    assert test.p_value == pytest.approx(0.081447963800905, abs=1e-14)


def test_exact_permutation_with_unequal_arms_as_enumerated_in_r() -> None:
    # R 4.2: PlantGrowth, the first six of trt1 against trt2
    assert permute(PLANT, first(6, 16)).p_value == pytest.approx(0.0044955044955045, abs=1e-15)
    assert permute(PLANT, ~first(6, 16)).p_value == pytest.approx(0.0044955044955045, abs=1e-15)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=4, max_size=9), st.data())
def test_exact_permutation_equals_enumeration_also_with_ties(numbers: list[int], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(numbers) - 1))
    values = np.array(numbers, dtype=float)

    def distance(arm: tuple[int, ...]) -> float:
        rest = [v for i, v in enumerate(numbers) if i not in arm]
        return abs(sum(numbers[i] for i in arm) * len(rest) - sum(rest) * len(arm))  # whole numbers: no rounding

    observed = distance(tuple(range(k)))
    every = [distance(arm) for arm in combinations(range(len(numbers)), k)]
    expected = sum(d >= observed for d in every) / len(every)
    assert permute(values, first(k, len(numbers))).p_value == pytest.approx(expected)


def test_random_permutation_adds_one_to_both_counts_and_is_seeded() -> None:
    values = np.concatenate((np.full(12, -30.0), np.zeros(20))) + np.arange(32) / 100
    test = permute(values, first(12, 32), draws=499)
    assert math.comb(32, 12) > 200_000
    assert (test.method, test.arrangements, test.p_value) == ("permutation_random", 499, 1 / 500)
    noise = np.random.default_rng(3).normal(size=32)
    again = [permute(noise, first(12, 32), 499, seed).p_value for seed in (7, 7, 8)]
    assert again[0] == again[1] != again[2]


def test_random_permutation_comes_near_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = permute(SLEEP, first(10, 20)).p_value
    monkeypatch.setattr("coprod_trust.integrate.arms.EXACT_UP_TO", 1000)
    drawn = permute(SLEEP, first(10, 20), draws=20_000)
    assert drawn.method == "permutation_random"
    assert drawn.p_value == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 20_000))


def test_a_random_p_value_does_not_depend_on_the_tests_before_it() -> None:
    noise = np.random.default_rng(3).normal(size=33)
    orders = RandomOrders(seed=5, planned=499)
    permutation_test(noise[:32], first(12, 32), orders)
    after = permutation_test(noise, first(12, 33), orders)
    assert after == permutation_test(noise, first(12, 33), RandomOrders(seed=5, planned=499))


def test_both_arms_need_people() -> None:
    with pytest.raises(ValueError, match="both arms"):
        permute(SLEEP, first(20, 20))


def test_people_who_all_changed_alike_give_p_one_and_no_effect_size() -> None:
    values = np.full(12, -7.3)
    assert permute(values, first(6, 12)).p_value == 1
    assert hedges_g(values[:6], values[6:]).value is None


@pytest.mark.parametrize(
    ("values", "k", "g", "low", "high"),
    [
        # R: effectsize 0.8.3, hedges_g(a, b, pooled_sd = TRUE)
        (SLEEP, 10, -0.796935239191, -1.66517166633, 0.0914077686653),
        (PLANT, 6, -1.68832230543, -2.80697743796, -0.527467257003),
    ],
)
def test_hedges_g_as_effectsize_gives_it(values: np.ndarray, k: int, g: float, low: float, high: float) -> None:
    effect = hedges_g(values[:k], values[k:])
    assert (effect.value, effect.ci_low, effect.ci_high) == pytest.approx((g, low, high), abs=2e-4)
    assert effect.value == pytest.approx(g, abs=1e-10)


def test_fishers_tea() -> None:
    assert compare_shares(3, 4, 1, 4).p_value == pytest.approx(0.4857, abs=5e-5)


def test_fisher_as_in_r() -> None:
    # R 4.2: fisher.test(matrix(c(8, 3, 2, 14), 2))
    assert compare_shares(8, 10, 3, 17).p_value == pytest.approx(0.00340185282977045, abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_risk_difference_as_newcombe_published_it(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    shares = compare_shares(*counts)
    assert shares.difference == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert (shares.ci_low, shares.ci_high) == pytest.approx((low, high), abs=5e-5)
