"""Random numbers depend on the plan's seed and the name of what is drawn."""

from __future__ import annotations

from coprod_trust.analysis.seeds import generator, resamples


def test_a_name_has_its_own_numbers_and_always_the_same():
    first = generator(1, "change.a.w1-w2", "sign_flip").integers(0, 2**40)
    assert generator(1, "change.a.w1-w2", "sign_flip").integers(0, 2**40) == first
    others = [
        generator(2, "change.a.w1-w2", "sign_flip"),
        generator(1, "change.b.w1-w2", "sign_flip"),
        generator(1, "change.a.w1-w2", "bootstrap"),
        generator(1, "change.a.w1-w2sign_flip"),
    ]
    assert first not in [g.integers(0, 2**40) for g in others]


def test_small_studies_get_all_the_resamples_of_the_plan_and_large_ones_fewer():
    assert resamples(9999, 60) == resamples(9999, 1000) == 9999
    assert 199 <= resamples(9999, 5000) < 9999
    assert resamples(9999, 10_000_000) == 199
    assert resamples(99, 10_000_000) == 99
