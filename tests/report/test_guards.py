"""Generated text never says more than the rules allow."""

from __future__ import annotations

import pytest

from coprod_trust.analysis.finding import Verdict
from coprod_trust.report.guards import (
    ALLOWS_DIRECTION,
    GuardViolation,
    check_report,
    guards,
)
from coprod_trust.report.language import MASK, language
from coprod_trust.report.model import Card, Head, Paragraph, Report, Section, Sentence, Theirs, Words

check_words, check_percentages, check_direction = (
    guards("en").check_words,
    guards("en").check_percentages,
    guards("en").check_direction,
)
FORBIDDEN = [
    "The course caused a fall.",
    "This led to less trust.",
    "An effect of the course.",
    "The impact was large.",
    "It fell because of the letter.",
    "It rose thanks to the coach.",
    "It results in distrust.",
    "Trust was improved by the course.",
    "It fell due to the letter.",
    "Support prevents decline.",
    "Low trust spilled over.",
    "This proves it.",
    "There was no change.",
    "Trust did not change.",
    "A trend toward less trust.",
    "A significant fall.",
    "Participants feel let down.",
    "Trust clearly fell.",
    "Distrust attributable to the letter.",
]
NO_COMPARISON = Sentence(language("en").say("comparison.none"))


def report(*blocks: object) -> Report:
    head = Head(Theirs("Study"), Words("Report"), Words("Draft"), "internal", "en", "w1", "run", None, ())
    return Report(head, (Section("s", Words("Section"), tuple(blocks)),))  # type: ignore[arg-type]


def check(*blocks: object, verdict: str | None = None, certainty: str | None = None, compared: bool = True) -> None:
    check_report(report(*blocks), {"change.x.w1-w2": verdict}, {"change.x.w1-w2": certainty}, compared)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_each_forbidden_wording_stops_the_report(text: str) -> None:
    with pytest.raises(GuardViolation):
        check(Paragraph((Sentence(Words(text)),)))


@pytest.mark.parametrize("text", FORBIDDEN)
def test_the_words_of_others_are_exempt(text: str) -> None:
    check(Paragraph((Sentence(Theirs(text)),)))


def test_a_label_with_a_forbidden_word_is_exempt_inside_a_generated_sentence() -> None:
    said = language("en").say("plain", text=Theirs("trust in Impact Lab"))
    assert said == "trust in Impact Lab"
    check(Paragraph((Sentence(said),)))


def test_a_label_that_an_analysis_put_into_its_reason_is_exempt_when_it_is_declared() -> None:
    said = Paragraph((Sentence(Words("trust in Impact Lab was asked otherwise")),))
    with pytest.raises(GuardViolation):
        check(said)
    check_report(report(said), {}, {}, True, ("trust in Impact Lab",))


@pytest.mark.parametrize("text", ["statistically significant", "Why no change was computed is said elsewhere"])
def test_words_that_only_look_forbidden_pass_or_are_reworded(text: str) -> None:
    if "no change" in text:
        with pytest.raises(GuardViolation):
            check_words(text)
    else:
        check_words(text)


@pytest.mark.parametrize("code", ["en", "nl"])
def test_no_message_of_the_catalogue_uses_a_forbidden_word(code: str) -> None:
    for key, text in language(code).catalogue.items():
        if isinstance(text, str) and not key.startswith("guard."):
            guards(code).check_words(text.replace("{", MASK))
            assert text == text.rstrip("\n"), key


@pytest.mark.parametrize(
    "text",
    [
        "De cursus veroorzaakte een daling.",
        "Dit leidde tot minder vertrouwen.",
        "Een effect van de cursus.",
        "De invloed van de brief.",
        "Het daalde vanwege de brief.",
        "Het steeg dankzij de begeleiding.",
        "Het daalde, waardoor mensen vertrokken.",
        "Als gevolg van de brief.",
        "Dit bewijst het.",
        "Er was geen verandering.",
        "Een significante daling.",
        "Deelnemers vinden dat het slechter gaat.",
    ],
)
def test_each_forbidden_wording_stops_the_dutch_report(text: str) -> None:
    with pytest.raises(GuardViolation):
        guards("nl").check_words(text)
    guards("nl").check_words("Een statistisch significante uitkomst is geen bewezen zaak.".replace("bewezen", "zekere"))


def test_the_dutch_guards_know_direction_small_groups_and_what_cannot_be_told() -> None:
    mine = guards("nl")
    fell = Sentence(Words("Tussen Start en Eind daalde het vertrouwen."), "change.x.w1-w2", direction=True)
    open_one = Sentence(Words("Of het steeg of daalde, valt niet te zeggen."), "change.x.w1-w2", direction=True)
    mine.check_direction(fell, Verdict.CHANGED_MATTERS)
    mine.check_direction(open_one, Verdict.INCONCLUSIVE)
    for sentence, verdict in ((fell, Verdict.INCONCLUSIVE), (open_one, Verdict.CHANGED_MATTERS)):
        with pytest.raises(GuardViolation):
            mine.check_direction(sentence, verdict)
    with pytest.raises(GuardViolation):
        mine.check_percentages("37% (7 van 19)")
    mine.check_percentages("35% (7 van 20)")


@pytest.mark.parametrize(("text", "allowed"), [("37% (7 of 19)", False), ("35% (7 of 20)", True), ("7 of 19", True)])
def test_percentages_need_twenty_people(text: str, allowed: bool) -> None:
    if allowed:
        check_percentages(text)
    else:
        with pytest.raises(GuardViolation):
            check_percentages(text)


@pytest.mark.parametrize("verdict", [*Verdict, None])
def test_a_direction_needs_a_verdict_that_allows_it(verdict: str | None) -> None:
    sentence = Sentence(Words("Average trust fell by 3 points."), "change.x.w1-w2", direction=True)
    if verdict in ALLOWS_DIRECTION:
        check_direction(sentence, verdict)
    else:
        with pytest.raises(GuardViolation):
            check_direction(sentence, verdict)


def test_how_many_people_fell_is_a_count_and_needs_no_verdict() -> None:
    check_direction(Sentence(Words("4 of 20 fell."), "change.x.w1-w2"), Verdict.INCONCLUSIVE)


@pytest.mark.parametrize("verdict", [*Verdict, None])
def test_cannot_tell_is_said_only_of_an_inconclusive_finding(verdict: str | None) -> None:
    sentence = Sentence(Words("We cannot tell whether it rose or fell."), "change.x.w1-w2", direction=True)
    if verdict == Verdict.INCONCLUSIVE:
        check_direction(sentence, verdict)
    else:
        with pytest.raises(GuardViolation):
            check_direction(sentence, verdict)


def test_a_card_has_the_certainty_that_the_rules_gave() -> None:
    card = Card("change.x.w1-w2", Words("x"), "clear", Words("clear"), ())
    check(card, certainty="clear")
    with pytest.raises(GuardViolation, match="rules say otherwise"):
        check(card, certainty="suggestive")


def test_without_a_comparison_group_the_report_must_say_so() -> None:
    check(Paragraph((NO_COMPARISON,)), compared=False)
    with pytest.raises(GuardViolation, match="comparison group"):
        check(Paragraph((Sentence(Words("Nothing else.")),)), compared=False)
