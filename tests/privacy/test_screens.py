"""What the screens stop, and what they let through."""

from __future__ import annotations

import pytest

from coprod_trust.privacy.screens import screen, words_of
from coprod_trust.study.model import Ids, Normalisation

IDS = Ids(
    column="pid",
    normalise=Normalisation(upper=True, remove="[^A-Z0-9]", prefix="P", digits=3),
    pattern="P[0-9]{3}",
)


def kinds(text: str, **more: object) -> set[str]:
    return {h.kind for h in screen(text, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mail me at someone.else+x@example.org please", "email"),
        ("he posts as @somebody", "email"),
        ("see www.example.org/me", "email"),
        ("call 06-12345678", "phone"),
        ("call +31 6 1234 5678", "phone"),
        ("it is (020) 123 4567", "phone"),
        ("my number 123456789", "phone"),
        ("we live at 12 Baker Street", "address"),
        ("in the Kerkstraat 14", "address"),
        ("postcode 1234 AB", "address"),
        ("near SW1A 1AA", "address"),
        ("on 12-05-2025 they came", "date"),
        ("on 2025-05-12 they came", "date"),
        ("it was 3 March", "date"),
        ("since May 12th", "date"),
        ("then Pietersen shouted", "name"),
        ("ask mrs van der berg", "name"),
        ("ask doctor Bakker", "name"),
        ("my name is jo", "name"),
        ("Fatima helped me.", "name"),
        ("It was hard. Kees's help mattered.", "name"),
        ("we all went to Rotterdam", "name"),
    ],
)
def test_what_identifies_a_person_is_stopped(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "They always helped me when I asked. Nobody else did!",
        "“We” were left alone: He said so... Then it stopped.",
        "I'm there on Monday and Tuesday, since May, with the Dutch group.",
        "In 2024 there were 15 of us, 3 or 4 came, for 2,500 euros.",
        "On Thursdays I see a doctor they know; I never miss the lunch.",
        "My GP and the CEO agreed, OK?",
        "I waited 12 weeks, then 3 months and 10 days.",
    ],
)
def test_ordinary_speech_passes(text: str) -> None:
    assert screen(text, ids=IDS) == ()


def test_ids_of_the_study_are_found_however_typed() -> None:
    assert kinds("ask P007", ids=IDS) == {"id"}
    assert "id" in kinds("ask p-7 about it", ids=IDS)
    assert kinds("7 of us", ids=IDS) == set(), "a bare number is not an id where ids have a prefix"
    bare = Ids(column="pid")
    assert kinds("number 48213 it was", ids=bare, participants={"48213"}) == {"id"}
    assert kinds("number 48213 it was", ids=bare, participants={"48214"}) == set()


def test_known_names_are_found_in_small_letters_too() -> None:
    assert kinds("then rook said no") == set()
    assert kinds("then rook said no", names=["Rook"]) == {"name"}
    assert kinds("a crook said no", names=["Rook"]) == set()


def test_the_words_of_the_providers_name_may_stand() -> None:
    text = "we like the Green Workshop a lot"
    assert kinds(text) == {"name"}
    assert kinds(text, ordinary=words_of("The Green Workshop")) == set()


def test_a_hit_says_where_and_never_what() -> None:
    (hit,) = screen("write to a@b.nl now")
    assert (hit.kind, hit.start, hit.end) == ("email", 9, 15)
    assert "a@b.nl" not in repr(hit)


def test_only_the_kinds_asked_for_are_looked_for() -> None:
    assert kinds("Kees, 06-12345678, 3 March", kinds=("phone",)) == {"phone"}
