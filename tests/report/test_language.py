"""Numbers, dates and messages of a language."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

import coprod_trust.report
from coprod_trust.report.language import language
from coprod_trust.report.model import Theirs, Words

EN = language("en")


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (-11.64, 1, "−11.6"),
        (-0.04, 1, "0.0"),
        (0.05, 2, "0.05"),
        (1234567.8, 0, "1,234,568"),
        (None, 1, ""),
        (float("nan"), 1, ""),
    ],
)
def test_numbers(value: float | None, digits: int, shown: str) -> None:
    assert EN.number(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0796, ".080"), (0.0004, "<\u00a0.001"), (0.9999, "1.000"), (1.0, "1.000"), (None, "")]
)
def test_p_values(value: float | None, shown: str) -> None:
    assert EN.p(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(-0.52, "−.52"), (0.999, "1.00"), (1.0, "1.00"), (0.0, ".00")])
def test_numbers_that_cannot_pass_one(value: float, shown: str) -> None:
    assert EN.bare(value) == shown


def test_dates_and_lists() -> None:
    assert EN.date(date(2025, 5, 12)) == "12\u00a0May 2025"
    assert EN.join(["a", "b", "c"]) == "a, b and c"
    assert EN.join([]) == ""


def test_singular_and_plural() -> None:
    assert EN.say("summary.started", 1, wave="Start") == "1 participant answered at Start."
    assert EN.say("summary.started", 60, wave="Start") == "60 participants answered at Start."


def test_text_of_others_is_shown_and_masked_for_the_guards() -> None:
    said = EN.say("contrast", start=Theirs("Impact 1"), end=Words("the end"))
    assert said == "Impact 1 to the end"
    assert said.own == "… to the end"


def test_braces_in_text_of_others_are_only_text() -> None:
    assert EN.say("plain", text=Theirs("{run} {0} {x.__class__}")) == "{run} {0} {x.__class__}"


def test_an_unknown_message_or_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        EN.say("no.such.message")
    with pytest.raises(KeyError):
        EN.say("contrast", start="Start")


def test_every_message_that_the_code_names_is_in_the_catalogue() -> None:
    folder = Path(coprod_trust.report.__file__).parent
    named: set[str] = set()
    for path in [*folder.rglob("*.py"), *folder.rglob("*.jinja")]:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"""\b(?:say|sentence)\(\s*["']([a-z_.]+)["']""", text))
        for block in re.findall(r"w\.columns\((.*?)\)", text, flags=re.DOTALL):
            named |= {f"column.{key.rstrip('#')}" for key in re.findall(r'"([a-z_]+#?)"', block)}
    assert len(named) > 150
    assert sorted(key for key in named if not EN.has(key)) == []


NL = language("nl")


def test_dutch_numbers_dates_and_p_values() -> None:
    assert NL.number(-1234.56) == "−1.234,6"
    assert NL.bare(0.52) == "0,52"
    assert NL.p(0.0001) == "<\u00a00,001"
    assert NL.date(date(2025, 5, 12)) == "12\u00a0mei 2025"
    assert NL.join(["a", "b", "c"]) == "a, b en c"


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        (
            "the reliability of change in peers is 0.23, under .40",
            "verandering in peers is 0,23",
        ),
        ("19 of 60 with a score at w1 had none at w3", "van 60 met een score bij w1 hadden er 19 geen bij w3"),
        ("without the two most influential people: changed, size unclear", "mensen: veranderd, omvang onduidelijk"),
        ("interval from Fisher's z; something new", "interval met Fishers z; something new"),
        ("followed: 48 participants and 12 others", "gevolgd: 48 deelnemers en 12 others"),
        ("there is no variation to test with", "er is geen variatie om mee te toetsen"),
    ],
)
def test_what_an_analysis_notes_in_english_is_said_in_dutch_piece_by_piece(english: str, dutch: str) -> None:
    assert dutch in NL.phrase(english)
    assert EN.phrase(english) == english


LANGUAGES = sorted(p.stem for p in (Path(coprod_trust.report.__file__).parent / "languages").glob("*.toml"))


@pytest.mark.parametrize("code", [c for c in LANGUAGES if c != "en"])
def test_a_language_has_every_message_of_english_with_the_same_values(code: str) -> None:
    other = language(code)
    assert sorted(set(EN.catalogue) ^ set(other.catalogue)) == []
    differing = [
        key
        for key, text in EN.catalogue.items()
        if isinstance(text, str) and not key.startswith("guard.") and values(text) != values(other.catalogue[key])
    ]
    assert differing == []


def values(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_phrase_of_the_analyses_keeps_its_values(code: str) -> None:
    pairs = language(code).catalogue["phrases.pairs"]
    assert [a for a, b in pairs if values(a) != values(b)] == []


def test_dutch_has_a_title_for_every_rule_of_the_gate() -> None:
    from coprod_trust.ingest.catalogue import RULES

    assert sorted(set(RULES) ^ set(NL.titles)) == []


def test_the_model_of_engagement_is_named_in_every_language_and_in_english_as_a_study_declares_it() -> None:
    from coprod_trust.study.engagement import DEFAULT_APPRAISALS, default_elements

    for e in default_elements():
        assert EN.say(f"element.{e.id}") == e.label
        assert not e.note or EN.say(f"element_note.{e.id}") == e.note
    assert [str(EN.say(f"appraisal.{name.replace(' ', '_')}")) for name in DEFAULT_APPRAISALS] == [*DEFAULT_APPRAISALS]


def reasons_of_the_notes() -> list[str]:
    """What the integration of notes and numbers says where it gives no figure, as it says it."""
    from coprod_trust.analysis import rules
    from coprod_trust.integrate import boundaries
    from coprod_trust.integrate.saturation import saturation

    nothing = saturation([(f"d{i}", []) for i in range(8)], "inductive")
    assert isinstance(nothing, str)
    return [
        *(f"{r} (1 coded, 28 not coded)" for n in (1, 3) if (r := rules.CODE_TRAJECTORY.declines(n))),
        *(r for floor in (rules.SATURATION, rules.CODER_AGREEMENT) if (r := floor.declines(3))),
        nothing,
        boundaries.ALL_GIVEN,
        boundaries.NO_LENGTH,
        "it was not established that w1 and w2 can be compared",
    ]


@pytest.mark.parametrize("english", reasons_of_the_notes())
def test_no_reason_of_the_notes_stays_english_in_dutch(english: str) -> None:
    dutch = NL.phrase(english)
    assert dutch != english
    assert not {"the", "of", "needs", "are", "can"} & set(dutch.split())


def test_what_the_rules_say_of_a_row_of_the_notes_is_said_in_dutch() -> None:
    from coprod_trust.notes.grouped import _SAID

    for _, message, *_ in _SAID.values():
        for written in (message, f"{message} (3 rows)"):
            pieces = NL.phrase(written).split("; ")
            assert not set(pieces) & set(written.split("; ")), written
