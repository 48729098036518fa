"""What could be seen: against R's power.t.test, the published r, and power worked out the other way round."""

import numpy as np
import pytest
from scipy import stats

from coprod_trust.analysis import detectable
from coprod_trust.study.model import Family, Plan

# power.t.test(n = n, power = .8, sd = 1, type = "paired", sig.level = alpha, strict = TRUE, tol = 1e-12)$delta, R 4.2
OF_R = [
    (5, 0.05, 1.68199696595),
    (12, 0.05, 0.888654265293),
    (12, 0.0125, 1.12753761761),
    (41, 0.05, 0.448394917073),
    (48, 0.05, 0.412874003558),
    (48, 0.0125, 0.498650611254),
    (60, 0.05, 0.367704316087),
    (60, 0.0125, 0.442877042002),
    (1000, 0.05, 0.0886790755942),
]


@pytest.mark.parametrize(("n", "alpha", "delta"), OF_R)
def test_the_smallest_d_is_that_of_r(n: int, alpha: float, delta: float) -> None:
    assert detectable.noncentrality(n - 1, alpha) / n**0.5 == pytest.approx(delta, rel=1e-7)


def test_with_very_many_people_the_normal_takes_over_without_a_jump() -> None:
    below, above = (detectable.noncentrality(df, 0.05) for df in (1e5, 1e5 + 1))
    assert below == pytest.approx(above, rel=1e-4)


@pytest.mark.parametrize("n", [60, 48, 41])
def test_the_smallest_r_lies_just_under_that_of_fishers_z_without_its_bias(n: int) -> None:
    plain = np.tanh((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) / (n - 3) ** 0.5)
    assert 0 < plain - detectable.smallest_r(n, 0.05) < 0.005


def test_the_smallest_r_is_found_in_four_studies_of_five() -> None:
    n, rng = 48, np.random.default_rng(3)
    r = detectable.smallest_r(n, 0.05)
    x = rng.standard_normal((20_000, n))
    y = r * x + (1 - r**2) ** 0.5 * rng.standard_normal((20_000, n))
    x, y = (v - v.mean(axis=1, keepdims=True) for v in (x, y))
    found = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    t = found * np.sqrt((n - 2) / (1 - found**2))
    assert (np.abs(t) > stats.t.ppf(0.975, n - 2)).mean() == pytest.approx(0.80, abs=0.012)


def test_the_change_is_in_points_and_names_the_strictest_step_of_the_family() -> None:
    family = Family(id="F1", members=["change.a", "change.b", "change.c", "change.d"], adjust="holm")
    row = detectable.change(48, 15 / 48**0.5, 47, 15.0, Plan(), family)
    assert row.estimate == pytest.approx(0.412874 * 15, rel=1e-5)
    assert row.effect_size == pytest.approx(0.412874, rel=1e-5)
    assert "7.5 points at alpha 0.0125, the strictest step over 4" in (row.note or "")
    assert "strictest" not in (detectable.change(48, 15 / 48**0.5, 47, 15.0, Plan(), None).note or "")
    assert row.p_value is None
