"""What may be put together and what may not, and what is made of it."""

import re
from dataclasses import replace

import pytest

from coprod_trust.portfolio.compare import compare
from coprod_trust.portfolio.declare import Declaration
from coprod_trust.portfolio.read import Instrument
from tests.portfolio.made import SCALE, change, study

USUAL = Declaration()
THREE = (study("a"), study("b"), study("c"))


def only(studies, settings=USUAL):
    (found,) = [c for c in compare(studies, settings) if c.main]
    return found


def left_out(studies, settings=USUAL):
    return {o.study: o.reason for o in only(studies, settings).left_out}


def test_studies_that_are_alike_are_put_together():
    found = only(THREE)
    assert (found.comparison_id, found.n_people, found.left_out) == ("portfolio.municipal.6", 90, ())
    assert found.summary.combined.estimate == pytest.approx(-8)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (study("d", standing=None, changes=()), "not_published"),
        (study("d", changes=(), instruments={}), "not_measured"),
        (replace(study("d"), changes=()), "no_change"),
        (study("d", change("d", months=12)), "interval"),
        (study("d", change("d", None, None, declined="too few")), "declined"),
        (study("d", change("d", std_error=0.0)), "no_error"),
        (study("d", files=("a", "own")), "same_files"),
        (study("d", instrument=Instrument(1.0, 5.0, SCALE.items)), "answer_scale"),
        (study("d", instrument=Instrument(0.0, 10.0, frozenset({("another question", False)}))), "instrument"),
        (study("d", instrument=Instrument(0.0, 10.0, frozenset((w, True) for w, _ in SCALE.items))), "instrument"),
        (study("d", change("d", method="paired_t")), "method"),
        (study("d", change("d", estimand="mean change of those who stayed")), "method"),
    ],
)
def test_a_study_that_differs_is_left_out_with_its_reason(other, reason):
    assert left_out((*THREE, other)) == {"d": reason}
    assert [c.study for c in only((*THREE, other)).members] == ["a", "b", "c"]


def test_the_evaluator_can_vouch_for_scales_that_differ():
    other = study("d", instrument=Instrument(0.0, 10.0, frozenset({("ik vertrouw hen", False)})))
    vouched = Declaration(same_instrument={"municipal": "a tested translation"})
    assert left_out((*THREE, other), vouched) == {}
    with pytest.raises(ValueError, match="needs a reason"):
        Declaration(same_instrument={"municipal": ""})


def test_intervals_within_the_tolerance_are_one_interval():
    near = study("d", change("d", months=6.5))
    assert left_out((*THREE, near)) == {}
    assert left_out((*THREE, near), Declaration(interval_tolerance=0)) == {"d": "interval"}


def test_the_main_interval_is_the_one_most_studies_share_or_the_one_declared():
    both = [study(k, change(k), change(k, -10.0, months=12)) for k in "abc"]
    found = {c.months: c.main for c in compare((*both, study("d")), USUAL)}
    assert found == {6: True, 12: False}
    assert {c.months: c.main for c in compare(both, USUAL)} == {12: True, 6: False}
    assert {c.months: c.main for c in compare(both, Declaration(interval=6))} == {6: True, 12: False}


def test_too_few_studies_have_no_mean():
    found = only(THREE[:2])
    assert found.summary is None and len(found.members) == 2


def test_only_the_main_comparisons_are_a_family():
    both = [study(k, change(k, e), change(k, e - 2, months=12)) for k, e in zip("abc", (-7, -8, -9.5), strict=True)]
    provider = [replace(s, changes=(*s.changes, *(replace(c, dimension="provider") for c in s.changes))) for s in both]
    summaries = {c.comparison_id: c.summary for c in compare(provider, USUAL)}
    main = summaries["portfolio.municipal.12"]
    assert main.p_adjusted == pytest.approx(2 * main.combined.p_value)
    assert summaries["portfolio.municipal.6"].p_adjusted is None


def spread(*estimates, n=30, std_error=1.0):
    return [study(str(i), change(str(i), e, std_error, n=n)) for i, e in enumerate(estimates)]


def test_a_change_that_every_way_of_looking_confirms_is_clear():
    summary = only(spread(*[-10, -10.5, -9.5, -10.2, -9.8, -10.1] * 2)).summary
    assert (summary.verdict, summary.certainty, summary.warnings) == ("changed and matters", "clear", ())


def test_warnings_say_what_limits_the_mean():
    few = only(spread(-8, -8.5, -7.9, n=12)).summary
    assert few.warnings[:2] == ("few_studies", "few_people")
    apart = only(spread(-14, -13, -12, -9, 6, 4, -15, -1, -12, -11)).summary
    assert {"heterogeneous", "prediction_both_ways"} <= set(apart.warnings)
    assert apart.certainty != "clear"
    one = only(spread(-5.1, -5.2, -5.0, 3.5)).summary
    assert "one_study" in one.warnings


def test_the_bound_is_the_smallest_of_the_plans_or_the_one_declared():
    stricter = [replace(s, bound=b) for s, b in zip(THREE, (5.0, 3.0, 8.0), strict=True)]
    assert only(stricter).bound == 3
    assert only(stricter, Declaration(equivalence_bound=4)).bound == 4


def test_ids_of_comparisons_are_readable():
    found = only([study(k, change(k, months=6.5)) for k in "abc"])
    assert re.fullmatch(r"portfolio\.municipal\.6_5", found.comparison_id)
