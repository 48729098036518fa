"""Coder agreement against published values and formulas worked out another way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coprod_trust.notes.agreement import (
    Table2x2,
    ac1,
    cohen_kappa,
    krippendorff_alpha,
    pabak,
    pooled_interval,
    pooled_kappa,
    tabulate,
)

_ = None
# Krippendorff (2011), Computing Krippendorff's alpha-reliability, section C: four observers, twelve units
C_DATA = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
    (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
)
# Sim and Wright (2005), Physical Therapy 85, 257-268: kappa .67
SIM_WRIGHT = Table2x2(both=22, first_only=2, second_only=4, neither=11)


def kappa_of(p: np.ndarray) -> float:
    observed = p[0] + p[3]
    first, second = p[0] + p[1], p[0] + p[2]
    expected = first * second + (1 - first) * (1 - second)
    return float((observed - expected) / (1 - expected))


def test_krippendorffs_published_alpha() -> None:
    assert krippendorff_alpha(zip(*C_DATA, strict=True)) == pytest.approx(0.7434, abs=5e-5)


def test_alpha_of_perfect_and_of_no_variation() -> None:
    assert krippendorff_alpha([(True, True), (False, False), (True, None)]) == 1
    assert krippendorff_alpha([(True, True), (True, True)]) is None
    assert krippendorff_alpha([]) is None


def test_published_kappa() -> None:
    assert cohen_kappa(SIM_WRIGHT).value == pytest.approx(0.67, abs=5e-3)


@pytest.mark.parametrize("table", [SIM_WRIGHT, Table2x2(9, 6, 3, 102), Table2x2(40, 5, 5, 50)])
def test_the_interval_is_that_of_the_delta_method(table: Table2x2) -> None:
    p = np.array([table.both, table.first_only, table.second_only, table.neither]) / table.n
    step = 1e-6
    gradient = np.array([(kappa_of(p + step * e) - kappa_of(p - step * e)) / (2 * step) for e in np.eye(4)])
    variance = gradient @ (np.diag(p) - np.outer(p, p)) @ gradient / table.n
    kappa = cohen_kappa(table)
    assert kappa.value == pytest.approx(kappa_of(p))
    half = 1.959963984540054 * math.sqrt(variance)
    assert (kappa.ci_low, kappa.ci_high) == pytest.approx((kappa_of(p) - half, min(1, kappa_of(p) + half)), abs=1e-6)


def test_two_coders_who_never_differ_in_a_constant_have_no_kappa() -> None:
    assert cohen_kappa(Table2x2(0, 0, 0, 30)).value is None
    assert cohen_kappa(Table2x2(0, 0, 0, 0)).value is None


def test_full_agreement_has_no_interval() -> None:
    kappa = cohen_kappa(Table2x2(4, 0, 0, 40))
    assert (kappa.value, kappa.ci_low, kappa.ci_high) == (1, None, None)


def test_where_a_code_is_rare_kappa_is_low_and_ac1_is_not() -> None:
    # Feinstein and Cicchetti (1990): the same 85 % agreement, kappa .70 where balanced and .32 where not
    assert cohen_kappa(Table2x2(40, 9, 6, 45)).value == pytest.approx(0.70, abs=5e-3)
    rare = Table2x2(80, 10, 5, 5)
    assert cohen_kappa(rare).value == pytest.approx(0.32, abs=5e-3)
    assert ac1(rare) == pytest.approx((0.85 - 2 * 0.875 * 0.125) / (1 - 2 * 0.875 * 0.125))
    assert pabak(rare) == pytest.approx(0.70)
    assert rare.prevalence == pytest.approx(0.875)


def test_pooled_kappa_averages_agreement_before_it_corrects_for_chance() -> None:
    tables = [Table2x2(20, 5, 5, 20), Table2x2(0, 1, 1, 48)]
    observed, expected = (0.8 + 0.96) / 2, (0.5 + (0.02**2 + 0.98**2)) / 2
    assert pooled_kappa(tables) == pytest.approx((observed - expected) / (1 - expected))
    assert pooled_kappa([]) is None


def test_tabulating_segments() -> None:
    given = {"s1": {"a", "b"}, "s2": {"a"}, "s3": {"b"}, "s9": {"a"}}
    assert tabulate(given, ["s1", "s2", "s3", "s4"], "a", "b") == Table2x2(1, 1, 1, 1)


def test_the_interval_of_one_code_pooled_is_near_the_large_sample_one_of_its_kappa() -> None:
    rng = np.random.default_rng(3)
    first = rng.random(400) < 0.3
    second = np.where(rng.random(400) < 0.85, first, rng.random(400) < 0.3)
    both, a, b = int((first & second).sum()), int((first & ~second).sum()), int((~first & second).sum())
    known = cohen_kappa(Table2x2(both, a, b, 400 - both - a - b))
    found = pooled_interval(first[None, :], second[None, :])
    assert found is not None
    assert found == pytest.approx((known.ci_low, known.ci_high), abs=0.005)


def test_codes_that_go_together_do_not_narrow_the_pooled_interval() -> None:
    rng = np.random.default_rng(4)
    first = rng.random((1, 120)) < 0.3
    second = np.where(rng.random((1, 120)) < 0.8, first, ~first)
    alone = pooled_interval(first, second)
    assert alone is not None
    assert pooled_interval(np.repeat(first, 5, axis=0), np.repeat(second, 5, axis=0)) == pytest.approx(alone)
    assert pooled_interval(first, first) is None, "no width can be told where coders never differ"
