"""Saturation, worked out by hand after Guest, Namey and Chen (2020)."""

from __future__ import annotations

from coprod_trust.integrate.saturation import saturation


def documents(*codes: str) -> list[tuple[str, list[str]]]:
    return [(f"d{i}", list(c)) for i, c in enumerate(codes, start=1)]


def test_new_information_is_what_a_run_of_two_brings_over_the_base_of_four() -> None:
    # base: 10 codes in the first four; then runs of two bring 1+1, 1+0, 0+0 new ones
    points = saturation(documents("abcd", "cdef", "fgh", "hij", "ak", "l", "l", "a"), "all")
    assert not isinstance(points, str)
    assert [p.n_new for p in points] == [4, 2, 2, 2, 1, 1, 0, 0]
    assert [p.n_codes for p in points] == [4, 6, 8, 10, 11, 12, 12, 12]
    assert [p.new_information for p in points] == [None] * 5 + [0.2, 0.1, 0.0]
    assert [p.saturated for p in points] == [None] * 5 + [False, False, True]


def test_five_per_cent_is_enough_and_saturation_once_reached_stays() -> None:
    twenty = "abcdefghijklmnopqrst"
    points = saturation(documents(twenty, "a", "a", "a", "u", "a", "vw", "xyz"), "all")
    assert not isinstance(points, str)
    assert [p.new_information for p in points][5:] == [0.05, 0.1, 0.25]
    assert [p.saturated for p in points][5:] == [True, True, True]


def test_without_enough_documents_or_codes_there_is_none() -> None:
    assert saturation(documents("a", "b", "c", "d", "e"), "all") == (
        "saturation needs at least 6 documents; there are 5"
    )
    assert saturation(documents("", "", "", "", "a", "b"), "inductive") == (
        "the first four documents hold none of these codes"
    )
