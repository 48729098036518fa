"""Families, slots, and what is adjusted with what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.analysis.multiplicity import Families, adjust
from coprod_trust.study.model import Family, Plan

PLAN = Plan(
    families=[
        Family(id="F1", members=["change.a", "change.b", "change.c"]),
        Family(id="F4", members=["change.d", "change.e"], adjust="benjamini_hochberg", exploratory=True),
        Family(id="F5", members=["change.f"], adjust="none"),
    ]
)


def filled() -> Families:
    families = Families(PLAN)
    for name, p in (("a", 0.01), ("b", 0.04), ("c", 0.03)):
        families.add(f"change.{name}.w1-w3", f"change.{name}", "to w3", p)
    families.add("change.a.w1-w2", "change.a", "to w2", 0.02)
    families.add("change.d.w1-w3", "change.d", "to w3", 0.04)
    families.add("change.e.w1-w3", "change.e", "to w3", 0.05)
    return families


def test_holm_within_a_family_and_contrast():
    families = filled()
    assert families.adjusted("change.a.w1-w3") == pytest.approx(0.03)
    assert families.adjusted("change.b.w1-w3") == pytest.approx(0.06)
    assert families.adjusted("change.c.w1-w3") == pytest.approx(0.06)
    assert families.adjusted("change.a.w1-w2") == pytest.approx(0.02)


def test_each_family_is_adjusted_in_its_own_way():
    families = filled()
    assert families.adjusted("change.d.w1-w3") == pytest.approx(0.05)
    families.add("change.f.w1-w3", "change.f", "to w3", 0.04)
    assert families.adjusted("change.f.w1-w3") == pytest.approx(0.04)


def test_a_question_in_no_family_has_no_adjusted_p():
    families = filled()
    assert families.add("change.z.w1-w3", "change.z", "to w3", 0.01) is None
    assert families.adjusted("change.z.w1-w3") is None
    assert families.family("change.z.w1-w3") is None


def test_a_declined_member_belongs_to_the_family_and_is_not_counted():
    families = Families(PLAN)
    families.add("change.a.w1-w3", "change.a", "to w3", 0.01)
    families.add("change.b.w1-w3", "change.b", "to w3", None)
    assert families.adjusted("change.a.w1-w3") == pytest.approx(0.01)
    assert families.adjusted("change.b.w1-w3") is None
    assert families.family("change.b.w1-w3").id == "F1"


def test_what_if_leaves_the_family_as_it_was():
    families = filled()
    assert families.adjusted("change.a.w1-w3", instead=0.5) == pytest.approx(0.5)
    assert families.adjusted("change.a.w1-w3") == pytest.approx(0.03)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusting_never_lowers_a_p_and_keeps_the_order(p):
    for method in ("holm", "benjamini_hochberg"):
        adjusted = adjust(p, method)
        assert all(a >= q - 1e-12 and a <= 1 for a, q in zip(adjusted, p, strict=True))
        assert all(adjusted[i] <= adjusted[j] + 1e-12 for i in range(len(p)) for j in range(len(p)) if p[i] < p[j])
