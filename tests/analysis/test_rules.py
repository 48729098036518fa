"""Every line of the rules that decide what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.analysis import rules
from coprod_trust.analysis.finding import (
    AssociationVerdict,
    Certainty,
    DifferenceVerdict,
    Estimate,
    Finding,
    ModeratorVerdict,
    RelationVerdict,
    Role,
    Verdict,
)

FINE = rules.Checks(permutation_p=0.01, same_without_two=True, tipping_at_least_one_sd=True, same_after_imputation=True)


@pytest.mark.parametrize(
    ("p", "ci95", "ci90", "expected"),
    [
        pytest.param(0.01, (-4.5, -0.5), (-4, -1), Verdict.CHANGED_SMALL, id="1 changed but small"),
        pytest.param(0.01, (-14, -6), (-13, -7), Verdict.CHANGED_MATTERS, id="2 changed and matters: a fall"),
        pytest.param(0.01, (6, 14), (7, 13), Verdict.CHANGED_MATTERS, id="2 changed and matters: a rise"),
        pytest.param(0.01, (-11, -3), (-10, -4), Verdict.CHANGED_UNCLEAR, id="3 changed, size unclear"),
        pytest.param(0.30, (-4, 2), (-3, 1), Verdict.TOO_SMALL, id="4 too small to matter"),
        pytest.param(0.30, (-8, 2), (-7, 1), Verdict.INCONCLUSIVE, id="5 inconclusive"),
        pytest.param(0.20, (-14, -6), (-13, -7), Verdict.INCONCLUSIVE, id="an adjusted p above alpha is no change"),
        pytest.param(0.05, (-14, -6), (-13, -7), Verdict.INCONCLUSIVE, id="p equal to alpha is not below it"),
        pytest.param(0.01, (-14, -5), (-13, -6), Verdict.CHANGED_UNCLEAR, id="touching the bound is not beyond it"),
        pytest.param(0.30, (-6, 1), (-5, 0), Verdict.INCONCLUSIVE, id="touching the bound is not inside it"),
        pytest.param(0.01, None, None, Verdict.CHANGED_UNCLEAR, id="no interval, no size"),
        pytest.param(None, None, None, Verdict.INCONCLUSIVE, id="nothing at all"),
    ],
)
def test_verdict_on_change(p, ci95, ci90, expected):
    assert rules.verdict_on_change(p, ci95, ci90, bound=5, alpha=0.05) == expected


def test_the_bound_and_alpha_are_those_of_the_plan():
    assert rules.verdict_on_change(0.01, (-7, -1), (-6, -2), bound=7.5, alpha=0.05) == Verdict.CHANGED_SMALL
    assert rules.verdict_on_change(0.01, (-7, -1), (-6, -2), bound=7.5, alpha=0.005) == Verdict.TOO_SMALL


finite = st.floats(-60, 60, allow_nan=False)


@given(st.floats(0, 1), st.floats(0, 1), finite, st.floats(0.1, 30))
def test_a_smaller_p_never_turns_a_change_into_none(p, smaller, centre, half):
    ci95, ci90 = (centre - half, centre + half), (centre - 0.8 * half, centre + 0.8 * half)
    before = rules.verdict_on_change(p, ci95, ci90, 5, 0.05)
    after = rules.verdict_on_change(min(p, smaller), ci95, ci90, 5, 0.05)
    if before in rules.CHANGE_VERDICTS:
        assert after == before


@given(st.floats(0, 1), finite, st.floats(0.1, 30))
def test_a_fall_and_a_rise_of_the_same_size_get_the_same_verdict(p, centre, half):
    def verdict(sign: int) -> Verdict:
        ci95 = sorted((sign * (centre - half), sign * (centre + half)))
        ci90 = sorted((sign * (centre - 0.8 * half), sign * (centre + 0.8 * half)))
        return rules.verdict_on_change(p, tuple(ci95), tuple(ci90), 5, 0.05)

    assert verdict(1) == verdict(-1)


def test_a_direction_verb_needs_an_adjusted_p_below_alpha():
    assert rules.direction(0.049, -3, 0.05) == "fell"
    assert rules.direction(0.049, 3, 0.05) == "rose"
    assert rules.direction(0.05, -3, 0.05) is None
    assert rules.direction(None, -3, 0.05) is None
    assert rules.direction(0.01, 0, 0.05) is None


def without(**changes: object) -> rules.Checks:
    return rules.Checks(**{**FINE.__dict__, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        pytest.param(FINE, Certainty.CLEAR, id="all hold: clear"),
        pytest.param(without(permutation_p=0.06), Certainty.SUGGESTIVE, id="permutation fails"),
        pytest.param(without(same_without_two=False), Certainty.SUGGESTIVE, id="influence fails"),
        pytest.param(without(tipping_at_least_one_sd=False), Certainty.SUGGESTIVE, id="tipping fails"),
        pytest.param(without(tipping_at_least_one_sd=None), Certainty.SUGGESTIVE, id="not checked is failed"),
        pytest.param(without(permutation_p=None), Certainty.SUGGESTIVE, id="no permutation is failed"),
        pytest.param(
            without(permutation_p=0.06, same_without_two=False), Certainty.NOT_CLEAR, id="two fail: not clear"
        ),
    ],
)
@pytest.mark.parametrize("verdict", rules.CHANGE_VERDICTS)
def test_certainty_of_a_change(verdict, checks, expected):
    assert rules.certainty(verdict, 0.01, checks, 0.05) == expected


def test_nothing_is_clear_without_an_adjusted_p_below_alpha():
    assert rules.certainty(Verdict.INCONCLUSIVE, 0.05, FINE, 0.05) == Certainty.NOT_CLEAR
    assert rules.certainty(Verdict.INCONCLUSIVE, None, FINE, 0.05) == Certainty.NOT_CLEAR


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        pytest.param(FINE, Certainty.CLEAR, id="holds without two people and after imputation"),
        pytest.param(without(same_without_two=False), Certainty.NOT_CLEAR, id="not without two people"),
        pytest.param(without(same_after_imputation=False), Certainty.NOT_CLEAR, id="not after imputation"),
        pytest.param(without(same_after_imputation=None), Certainty.NOT_CLEAR, id="imputation not done"),
        pytest.param(
            without(permutation_p=0.9, tipping_at_least_one_sd=False), Certainty.CLEAR, id="the others do not matter"
        ),
    ],
)
def test_certainty_of_too_small_to_matter(checks, expected):
    assert rules.certainty(Verdict.TOO_SMALL, 0.7, checks, 0.05) == expected


def test_an_association_is_never_clear_without_a_tipping_point():
    checks = rules.Checks(permutation_p=0.001, same_without_two=True)
    assert rules.certainty(AssociationVerdict.TOGETHER, 0.001, checks, 0.05) == Certainty.SUGGESTIVE


def test_verdict_on_association_never_says_not_related():
    assert rules.verdict_on_association(0.01, 0.5, 0.05) == AssociationVerdict.TOGETHER
    assert rules.verdict_on_association(0.01, -0.5, 0.05) == AssociationVerdict.OPPOSITE
    assert rules.verdict_on_association(0.5, 0.0, 0.05) == AssociationVerdict.INCONCLUSIVE
    assert not [v for v in AssociationVerdict if "not" in v or "no " in v]


def test_the_tipping_grid_runs_against_the_conclusion_in_steps_of_two_and_a_half():
    upwards = rules.tipping_shifts(-8, Verdict.CHANGED_MATTERS)
    assert upwards[:3] == (0, 2.5, 5) and upwards[-1] == 40 and len(upwards) == 17
    assert rules.tipping_shifts(8, Verdict.CHANGED_SMALL)[:3] == (0, -2.5, -5)
    both = rules.tipping_shifts(-1, Verdict.TOO_SMALL)
    assert both[:3] == (0, 2.5, -2.5) and both[-1] == -40
    assert rules.tipping_shifts(-1, Verdict.INCONCLUSIVE) == ()


def test_the_tipping_shift_is_compared_with_one_sd_of_change():
    assert rules.tipping_at_least_one_sd(15.0, 14.9)
    assert rules.tipping_at_least_one_sd(-15.0, 15.0)
    assert not rules.tipping_at_least_one_sd(12.5, 14.9)
    assert rules.tipping_at_least_one_sd(None, 30)
    assert not rules.tipping_at_least_one_sd(None, 41)


@pytest.mark.parametrize(
    ("floor", "minimum"),
    [
        (rules.PAIRED_TEST, 5),
        (rules.SENTENCE, 8),
        (rules.MIXED_MODEL, 8),
        (rules.ASSOCIATION, 10),
        (rules.SELECTION, 8),
        (rules.FIRTH_EVENTS, 9),
        (rules.MODERATOR, 30),
        (rules.MEDIATION, 60),
        (rules.MEDIATION_WAVES, 3),
        (rules.DIFFERENCE_IN_DIFFERENCES, 8),
        (rules.DIFFERENCE_IN_DIFFERENCES_CONCLUSIVE, 15),
        (rules.CODE_TRAJECTORY, 5),
        (rules.CODER_AGREEMENT, 30),
        (rules.SATURATION, 6),
        (rules.ALPHA, 20),
        (rules.INVARIANCE, 100),
        (rules.INVARIANCE_SCREENING, 50),
        (rules.PORTFOLIO, 3),
        (rules.CROSS_LAGGED, 100),
        (rules.CORRELATION, 10),
        (rules.WITHIN_BETWEEN, 10),
        (rules.WITHIN_BETWEEN_WAVES, 3),
        (rules.ORDERED, 30),
        (rules.INVARIANCE_ITEMS, 3),
        (rules.CLUSTERS, 10),
    ],
)
def test_floors(floor, minimum):
    assert floor.declines(minimum) is None
    reason = floor.declines(minimum - 1)
    assert reason is not None and str(minimum) in reason and str(minimum - 1) in reason


def test_every_floor_stands_in_the_documentation_with_its_figure():
    floors = [f for f in vars(rules).values() if isinstance(f, rules.Floor)]
    assert len(floors) >= 25
    text = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
    assert [f.analysis for f in floors if f"| {f.analysis} | {f.minimum} {f.unit} |" not in text] == []
    assert f"{rules.IMPUTATION_PEOPLE_A_PREDICTOR} people who stayed a predictor" in text


@pytest.mark.parametrize(
    ("figure", "least"),
    [
        (rules.IMPUTATION_PEOPLE_A_PREDICTOR, 10),
        (rules.FEW_STEPS, 5),
        (rules.END_OF_SCALE_SHARE, 0.15),
        (rules.DISATTENUATION_MINIMUM_RELIABILITY, 0.40),
        (rules.TIPPING_STEP, 2.5),
        (rules.TIPPING_LIMIT, 40),
        (rules.FIT_MINIMUM_SPEAKING, 3),
        (rules.INVARIANCE_CFI_LOSS, 0.010),
        (rules.INVARIANCE_RMSEA_GAIN, 0.015),
    ],
)
def test_figures_of_the_rules(figure, least):
    assert figure == least


def test_a_floor_says_how_many_there_are():
    assert rules.PAIRED_TEST.declines(1) == "a paired test needs at least 5 people with both scores; there is 1"
    assert rules.PAIRED_TEST.declines(0) == "a paired test needs at least 5 people with both scores; there are none"


@pytest.mark.parametrize(
    ("n", "waves", "shared", "definite", "allowed"),
    [
        (13, 6, 12, True, True),
        (12, 6, 12, True, False),
        (48, 3, 10, True, True),
        (48, 3, 9, True, False),
        (48, 3, 40, False, False),
    ],
)
def test_when_an_unstructured_covariance_may_be_fitted(n, waves, shared, definite, allowed):
    assert rules.unstructured_allowed(n, waves, shared, definite) is allowed


def test_primary_and_sensitivity_disagree_when_the_category_differs():
    def sensitivity(method: str, verdict: Verdict | None) -> Estimate:
        return Estimate(method, Role.SENSITIVITY, verdict=verdict)

    finding = Finding(
        "change.a.w1-w2",
        "A1",
        "a",
        "participants",
        "mean change",
        (
            Estimate("paired_t", Role.PRIMARY),
            Estimate("mixedlm", Role.CHECK, verdict=Verdict.INCONCLUSIVE),
            sensitivity("without_two_most_influential", Verdict.CHANGED_SMALL),
            sensitivity("multiple_imputation", Verdict.CHANGED_MATTERS),
            sensitivity("tipping_point", Verdict.INCONCLUSIVE),
            sensitivity("bounds", Verdict.INCONCLUSIVE),
            sensitivity("weights", None),
        ),
        verdict=Verdict.CHANGED_SMALL,
    )
    assert rules.disagreeing(finding) == ("multiple_imputation",)


@pytest.mark.parametrize(
    ("speaking", "confirms", "contrasts", "silent_asked", "expected"),
    [
        pytest.param(2, 2, 0, 1, rules.Fit.SILENCE_ASKED, id="fewer than 3 speak though asked"),
        pytest.param(2, 2, 0, 0, rules.Fit.SILENCE_NOT_ASKED, id="nobody else was asked"),
        pytest.param(0, 0, 0, 2, rules.Fit.SILENCE_NOT_ASKED, id="two who were asked are no silence of a group"),
        pytest.param(0, 0, 0, 3, rules.Fit.SILENCE_ASKED, id="three who were asked are"),
        pytest.param(0, 0, 0, None, rules.Fit.SILENCE_NOT_ASKED, id="it is not known what was asked"),
        pytest.param(3, 2, 1, 9, rules.Fit.DISCORDANCE, id="a third contrasting goes before two thirds confirming"),
        pytest.param(10, 7, 3, 9, rules.Fit.CONFIRMATION, id="just under a third contrasting"),
        pytest.param(3, 2, 0, 9, rules.Fit.CONFIRMATION, id="two thirds confirming"),
        pytest.param(10, 6, 3, 9, rules.Fit.EXPANSION, id="neither"),
        pytest.param(3, 0, 0, 9, rules.Fit.EXPANSION, id="all beyond"),
    ],
)
def test_fit_of_numbers_and_notes(speaking, confirms, contrasts, silent_asked, expected):
    assert rules.propose_fit(Verdict.CHANGED_MATTERS, speaking, confirms, contrasts, silent_asked) is expected


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, AssociationVerdict.INCONCLUSIVE, None])
def test_a_finding_without_a_conclusion_gets_no_fit(verdict):
    assert rules.propose_fit(verdict, 9, 9, 0, 9) is None


def standing(**changes: object) -> rules.Standing:
    fields = {
        "verdict": Verdict.CHANGED_UNCLEAR,
        "direction": "fell",
        "estimate": -6.0,
        "ci_low": -10.0,
        "ci_high": -2.0,
    }
    return rules.Standing(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        pytest.param(standing(), None, id="as it was"),
        pytest.param(standing(estimate=-8.0), None, id="half of the half-width of 4 is not more than it"),
        pytest.param(
            standing(estimate=-8.01, ci_low=-30.0, ci_high=14.0), "the estimate moved", id="by the width then"
        ),
        pytest.param(standing(verdict=Verdict.CHANGED_SMALL), "the verdict changed", id="verdict"),
        pytest.param(standing(direction="rose"), "the direction changed", id="direction"),
        pytest.param(standing(estimate=None), "the estimate came or went", id="nothing is estimated any more"),
    ],
)
def test_what_was_decided_on_a_finding_is_stale_once_the_finding_moved(now, reason):
    assert rules.moved(standing(), now) == reason


def test_an_estimate_that_had_no_interval_is_held_against_the_one_it_has_now():
    then = standing(ci_low=None, ci_high=None)
    assert rules.moved(then, standing(estimate=-8.0)) is None
    assert rules.moved(then, standing(estimate=-8.5)) == "the estimate moved"
    assert rules.moved(then, standing(estimate=-6.5, ci_low=None, ci_high=None)) == "the estimate changed"


@pytest.mark.parametrize(
    ("smaller_group", "p", "expected"),
    [
        pytest.param(15, 0.04, DifferenceVerdict.DIFFERENT, id="fifteen a group and p below alpha"),
        pytest.param(15, 0.05, DifferenceVerdict.INCONCLUSIVE, id="p equal to alpha is not below it"),
        pytest.param(15, None, DifferenceVerdict.INCONCLUSIVE, id="no p"),
        pytest.param(14, 0.0001, DifferenceVerdict.NOT_CONCLUSIVE, id="under fifteen a group, whatever the p"),
    ],
)
def test_verdict_on_a_difference_in_differences(smaller_group, p, expected):
    assert rules.verdict_on_difference_in_differences(p, smaller_group, 0.05) == expected


def test_bounds_and_shifts_are_no_disagreement():
    assert {"bounds", "tipping_point"} <= rules.EXEMPT_FROM_DISAGREEMENT


@pytest.mark.parametrize(
    ("p", "estimate", "relation", "moderator"),
    [
        (0.01, 0.4, RelationVerdict.TOGETHER, ModeratorVerdict.HIGHER),
        (0.01, -0.4, RelationVerdict.OPPOSITE, ModeratorVerdict.LOWER),
        (0.05, 0.4, RelationVerdict.INCONCLUSIVE, ModeratorVerdict.INCONCLUSIVE),
        (0.90, 0.0, RelationVerdict.INCONCLUSIVE, ModeratorVerdict.INCONCLUSIVE),
        (None, 0.4, RelationVerdict.INCONCLUSIVE, ModeratorVerdict.INCONCLUSIVE),
    ],
)
def test_verdicts_on_relations_and_conditions(p, estimate, relation, moderator):
    assert rules.verdict_on_relation(p, estimate, 0.05) == relation
    assert rules.verdict_on_moderator(p, estimate, 0.05) == moderator


@pytest.mark.parametrize(
    ("cfi", "rmsea", "holds"),
    [(-0.010, 0.015, True), (-0.0101, 0.0, False), (0.0, 0.0151, False), (0.002, -0.01, True)],
)
def test_constraints_hold_where_they_cost_little_fit(cfi, rmsea, holds):
    assert rules.invariance_holds(cfi, rmsea) is holds
