"""Who stands in which arm, when a code is only listed, and what is printed beside the test."""

from __future__ import annotations

from datetime import date

import pytest

from coprod_trust.analysis.seeds import RandomOrders
from coprod_trust.integrate.trajectory import Comparison, Mark, Person, Trajectory, adjust_family, trajectories

BEFORE, SURVEY, AFTER = date(2025, 7, 1), date(2025, 7, 10), date(2025, 7, 20)


def person(number: int, change: float | None, segments: int = 2, interview: date | None = AFTER) -> Person:
    return Person(f"P{number:03d}", change, SURVEY, segments, interview, interview)


def comparison(error: float | None = 5.0, declined: str | None = None) -> Comparison:
    return Comparison("provider", "provider", "w1", "w2", error, 30, declined)


def run(people: list[Person], marks: dict[str, dict[str, Mark]], of: Comparison | None = None) -> list[Trajectory]:
    return trajectories(of or comparison(), people, marks, RandomOrders(seed=1, planned=99))


TWELVE = [person(i, -20.0 - i if i <= 6 else float(i)) for i in range(1, 13)]
SIX = {f"P{i:03d}": Mark("coded", single_only=i == 1) for i in range(1, 7)}


def test_coded_and_not_coded_people_are_compared_by_their_change() -> None:
    (row,) = run(TWELVE, {"NOSUP": SIX})
    assert (row.n_coded, row.n_not_coded, row.n_single_coded, row.n_unresolved) == (6, 6, 1, 0)
    assert row.mean_change_coded == pytest.approx(-23.5)
    assert row.mean_change_not_coded == pytest.approx(9.5)
    assert row.difference == pytest.approx(-33)
    assert row.p_value == pytest.approx(2 / 924), "the two most extreme of choose(12, 6) arrangements"
    assert (row.method, row.n_arrangements, row.effect_name) == ("permutation_exact", 924, "hedges_g")
    assert row.n_not_interviewed == 30


def test_an_unresolved_code_puts_a_person_in_neither_arm() -> None:
    marks = {**SIX, "P007": Mark("unresolved", single_only=False)}
    (row,) = run(TWELVE, {"NOSUP": marks})
    assert (row.n_coded, row.n_not_coded, row.n_unresolved) == (6, 5, 1)
    assert row.mean_change_not_coded == pytest.approx(10.0)


def test_people_without_both_scores_are_left_out_and_counted() -> None:
    (row,) = run([*TWELVE, person(20, None), person(21, None)], {"NOSUP": {**SIX, "P020": Mark("coded", False)}})
    assert (row.n_coded, row.n_not_coded, row.n_no_change) == (6, 6, 2)


def test_a_code_with_fewer_than_five_in_an_arm_is_listed_and_not_tested() -> None:
    four = dict(list(SIX.items())[:4])
    (row,) = run(TWELVE, {"NOSUP": four})
    assert row.declined == (
        "a code with trajectories needs at least 5 people an arm; there are 4 (4 coded, 8 not coded)"
    )
    assert row.p_value is row.difference is row.mean_change_coded is row.effect_size is row.p_value_fell is None
    (row,) = run(TWELVE, {"NOSUP": dict(list(SIX.items())[:5])})
    assert row.declined is None


def test_waves_that_cannot_be_compared_decline_with_the_reason() -> None:
    (row,) = run(TWELVE, {"NOSUP": SIX}, comparison(declined="answered from 0 to 10 at w1 and 1 to 5 at w2"))
    assert row.declined == "answered from 0 to 10 at w1 and 1 to 5 at w2"
    assert row.p_value is None


def test_reliable_falls_are_those_beyond_the_measurement_error() -> None:
    people = [person(i, change) for i, change in enumerate([-10.0] * 4 + [-9.0] * 2 + [-9.0] * 5 + [-10.0], start=1)]
    (row,) = run(people, {"NOSUP": SIX}, comparison(error=5.0))  # 1.96 * 5 = 9.8
    assert (row.n_fell_coded, row.n_fell_not_coded) == (4, 1)
    assert row.risk_difference == pytest.approx(4 / 6 - 1 / 6)
    assert row.p_value_fell == pytest.approx(0.2424, abs=5e-5), "R 4.2: fisher.test(matrix(c(4, 2, 1, 5), 2))"
    assert row.risk_ci_low is not None and row.risk_ci_high is not None
    assert row.risk_ci_low < row.risk_difference < row.risk_ci_high


def test_without_a_reliability_no_fall_is_called_reliable() -> None:
    (row,) = run(TWELVE, {"NOSUP": SIX}, comparison(error=None))
    assert row.n_fell_coded is row.risk_difference is row.p_value_fell is None
    assert row.p_value is not None


def test_talkativeness_and_the_order_of_interview_and_survey_stand_beside_the_test() -> None:
    people = [
        person(i, -20.0 if i <= 6 else 3.0 * i, segments=9 if i <= 6 else 3, interview=BEFORE if i <= 4 else AFTER)
        for i in range(1, 12)
    ] + [person(12, 1.0, segments=3, interview=None)]
    (row,) = run(people, {"NOSUP": SIX})
    assert (row.segments_per_person_coded, row.segments_per_person_not_coded) == (9, 3)
    assert (row.n_interviewed_before, row.n_interviewed_after) == (4, 7)


def test_an_interview_on_the_day_of_the_survey_may_reflect_it() -> None:
    (row,) = run([person(i, float(i), interview=SURVEY) for i in range(12)], {"NOSUP": SIX})
    assert (row.n_interviewed_before, row.n_interviewed_after) == (0, 12)


def test_codes_share_one_error_rate() -> None:
    rows = [Trajectory(c, "provider", None, "w1-w2", "w1", "w2", 6, 6, 0, 0, 0, 0, p_value=p)
            for c, p in (("A", 0.01), ("B", 0.04), ("C", None), ("D", 0.03), ("E", 0.2))]  # fmt: skip
    # R 4.2: p.adjust(c(.01, .04, .03, .2), "BH")
    expected = [0.04, 0.0533333333333, None, 0.0533333333333, 0.2]
    assert [r.p_adjusted for r in adjust_family(rows)] == [
        pytest.approx(e) if e is not None else None for e in expected
    ]
