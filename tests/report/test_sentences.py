"""Findings in words: the form follows the verdict, and nothing else does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod_trust.analysis.finding import AssociationVerdict, Verdict
from coprod_trust.report.guards import ALLOWS_DIRECTION, guards
from coprod_trust.report.language import language
from coprod_trust.report.model import Words
from coprod_trust.report.sections.trust import change_table
from coprod_trust.report.sentences import finding_sentences, finding_text
from coprod_trust.report.writer import Writer
from tests.report.filled import Fixture, finding_row, writer


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Writer:
    return writer(tmp_path_factory.mktemp("words"), Fixture(with_notes=False))


def test_a_change_that_matters(w: Writer) -> None:
    assert finding_text(w, finding_row()) == (
        "Between Start and Twelve months, average trust in the provider fell from 70.0 to 58.4 on a scale of 0 to 100, "
        "by 11.6 points (95% CI 7.4 to 15.8). That is more than the 5 points that the plan set as the least that "
        "matters, over the whole interval. 60 started, 48 answered both times. 21 of 48 fell more than measurement "
        "error would explain, 4 rose."
    )


def test_where_the_model_decides_and_people_left_it_says_that_they_are_counted(w: Writer) -> None:
    said = finding_text(w, finding_row(method="mixed_model"))
    assert "60 started, 48 answered both times; the averages also count those who left, as a model" in said
    assert "also count those who left" not in finding_text(w, finding_row(method="mixed_model", n=60))


def test_page_one_is_rounded_where_it_still_adds_up(w: Writer) -> None:
    said = finding_sentences(w, finding_row(), rounded=True)[0].text
    assert "fell from 70 to 58" in said
    assert "by 12 points (95% CI 7 to 16)" in said
    odd = finding_row(mean_from=69.6, mean_to=58.4, estimate=-11.2)
    assert "fell from 69.6 to 58.4" in finding_sentences(w, odd, rounded=True)[0].text


def shown_numbers(text: str) -> list[float]:
    return [float(n.replace(",", ".").replace("−", "-").replace("+", "")) for n in re.findall(r"[−+]?\d+[.,]\d", text)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.floats(0, 100),
    end=st.floats(0, 100),
    verdict=st.sampled_from([*Verdict]),
    code=st.sampled_from(["en", "nl"]),
)
def test_a_reader_who_subtracts_the_levels_gets_the_change_or_is_told_why_not(
    w: Writer, start: float, end: float, verdict: Verdict, code: str
) -> None:
    row = finding_row(
        mean_from=start, mean_to=end, estimate=end - start, ci_low=end - start - 9, ci_high=end - start + 9,
        verdict=verdict,
    )  # fmt: skip
    w = replace(w, t=language(code))
    said = str(finding_sentences(w, row)[0].text)
    first, last, change = shown_numbers(said)[:3]
    told = {"en": "worked out before rounding", "nl": "berekend vóór het afronden"}[code] in said
    agrees = abs(abs(last - first) - abs(change)) < 0.05
    assert agrees != told
    assert abs(abs(last - first) - abs(change)) < 0.15


def test_a_table_of_levels_and_changes_says_where_they_do_not_subtract(w: Writer) -> None:
    odd, even = finding_row(mean_from=74.389, mean_to=66.044, estimate=-8.345), finding_row()
    notes = {
        len(findings): [
            str(s.text) for s in change_table(w, findings, "change-table", w.t.say("trust.change_table")).notes
        ]
        for findings in ([even], [even, odd])
    }
    assert not any("before rounding" in note for note in notes[1])
    assert any("before rounding" in note for note in notes[2])


def test_an_interval_that_ends_near_zero_is_not_rounded_onto_it(w: Writer) -> None:
    near = finding_row(
        estimate=-3.0, mean_from=61.0, mean_to=58.0, ci_low=-5.8, ci_high=-0.2, verdict="changed, size unclear"
    )
    assert "0.2 to 5.8" in finding_sentences(w, near, rounded=True)[0].text


def test_page_one_leaves_out_what_it_says_once(w: Writer) -> None:
    said = " ".join(s.text for s in finding_sentences(w, finding_row(method="mixed_model"), brief=True))
    assert "60 started, 48 answered both times." in said
    assert "as a model" not in said


@pytest.mark.parametrize(
    ("fell", "rose", "expected"),
    [
        (3, 2, "3 of 48 fell more than measurement error would explain, 2 rose."),
        (3, 0, "3 of 48 fell more than measurement error would explain, none rose."),
        (0, 2, "None of 48 fell more than measurement error would explain, 2 rose."),
        (0, 0, "None of 48 fell or rose more than measurement error would explain."),
    ],
)
def test_how_many_people_changed(w: Writer, fell: int, rose: int, expected: str) -> None:
    assert expected in finding_text(w, finding_row(n_fell_reliably=fell, n_rose_reliably=rose))


def test_too_small_to_matter_is_no_proof_of_nothing(w: Writer) -> None:
    said = finding_text(w, finding_row(verdict=Verdict.TOO_SMALL, estimate=0.6, mean_to=70.6, ci_low=-2, ci_high=3.2))
    assert "went from 70.0 to 70.6" in said
    assert "a difference of +0.6 points" in said
    assert "any change is too small to matter by the 5 points that the plan set" in said


def test_inconclusive_says_that_it_cannot_tell(w: Writer) -> None:
    said = finding_text(
        w, finding_row(verdict=Verdict.INCONCLUSIVE, estimate=-3.8, mean_to=66.2, ci_low=-8, ci_high=0.4)
    )
    assert "we cannot tell whether it rose or fell" in said


def test_exactly_zero_without_variation_has_no_interval(w: Writer) -> None:
    said = finding_text(
        w, finding_row(verdict=Verdict.INCONCLUSIVE, estimate=0.0, mean_to=70.0, ci_low=None, ci_high=None)
    )
    assert "a difference of 0.0 points (no interval could be computed)" in said


def test_fewer_than_eight_people_get_no_sentence_about_an_average(w: Writer) -> None:
    said = finding_text(w, finding_row(n=7))
    assert said.startswith("7 people answered both times on trust in the provider")
    assert "fell" not in said


def test_another_group_is_named(w: Writer) -> None:
    said = finding_text(
        w, finding_row(finding_id="change.provider.w1-w3.non_participant", population="non_participant")
    )
    assert "average trust in the provider among Non-participants fell" in said


def test_a_declined_finding_gives_its_reason(w: Writer) -> None:
    said = finding_text(w, finding_row(declined="a paired test needs at least 5 people", estimate=None, verdict=None))
    assert said == (
        "Change in trust in the provider between Start and Twelve months was not estimated: "
        "a paired test needs at least 5 people."
    )


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (AssociationVerdict.TOGETHER, "also tended to report larger falls in trust in the provider"),
        (AssociationVerdict.OPPOSITE, "tended to report smaller falls, or rises, in trust in the provider"),
        (AssociationVerdict.INCONCLUSIVE, "go together stays open"),
    ],
)
def test_change_with_change(w: Writer, verdict: str, expected: str) -> None:
    row = finding_row(
        finding_id="association.peers-provider.w1-w3",
        predictor="peers",
        verdict=verdict,
        estimate=0.4,
        ci_low=0.1,
        ci_high=0.6,
    )
    said = finding_text(w, row)
    assert expected in said
    assert "r = .40, 95% CI .10 to .60; 48 people" in said
    assert ("not which came first" in said) == (verdict != AssociationVerdict.INCONCLUSIVE)


points = st.floats(-100, 100, allow_nan=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verdict=st.sampled_from([*Verdict, None]),
    estimate=points,
    low=st.none() | points,
    means=st.none() | st.tuples(st.floats(0, 100), st.floats(0, 100)),
    n=st.integers(5, 10_000),
    rounded=st.booleans(),
)
def test_whatever_the_figures_a_direction_follows_the_verdict(
    w: Writer,
    verdict: Verdict | None,
    estimate: float,
    low: float | None,
    means: tuple[float, float] | None,
    n: int,
    rounded: bool,
) -> None:
    row = finding_row(
        verdict=verdict,
        estimate=estimate,
        ci_low=low,
        ci_high=None if low is None else low + 5,
        mean_from=means[0] if means else None,
        mean_to=means[1] if means else None,
        n=n,
    )
    sentences = finding_sentences(w, row, rounded)
    for sentence in sentences:
        assert isinstance(sentence.text, Words)
        guards("en").check_words(sentence.text.own)
        guards("en").check_direction(sentence, verdict)
    if n >= 8:
        directed = re.search(r"\b(?:fell|rose) (?:from|by)\b", sentences[0].text) is not None
        assert directed == (verdict in ALLOWS_DIRECTION)
        assert ("cannot tell" in sentences[0].text) == (verdict == Verdict.INCONCLUSIVE)


def test_the_words_of_a_study_cannot_break_the_sentence(tmp_path: Path) -> None:
    from tests.studies import STUDY_YAML

    yaml = STUDY_YAML.replace("label: trust in the provider", "label: 'trust in {provider} %s <b>Impact</b>'")
    said = finding_text(writer(tmp_path, Fixture(yaml=yaml, with_notes=False)), finding_row())
    assert "average trust in {provider} %s <b>Impact</b> fell from" in said


def test_nobody_is_written_in_words(w: Writer) -> None:
    assert "21 of 48 fell more than measurement error would explain, none rose." in finding_text(
        w, finding_row(n_rose_reliably=0)
    )
    assert "None of 48 fell more than measurement error would explain, 4 rose." in finding_text(
        w, finding_row(n_fell_reliably=0)
    )


def test_without_a_reliability_any_change_is_counted_and_said_to_be_that(w: Writer) -> None:
    said = finding_text(w, finding_row(n_fell_reliably=None, n_rose_reliably=None))
    assert (
        "34 of 48 scored lower the second time and 12 higher; how much of that is measurement error is not known"
        in said
    )


def test_a_method_that_compares_with_a_scale_names_it(w: Writer) -> None:
    assert w.method("steiger_vs_municipal") == "less the correlation with trust in the municipality"
    assert w.method("something_new") == "something new"
