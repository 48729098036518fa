"""Whose words may be printed, and which are chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod_trust.decisions import QuoteRelease
from coprod_trust.notes.step import read_notes, store_notes
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.privacy.quotes import (
    Candidate,
    Judged,
    Passage,
    choose,
    fingerprint,
    judge,
    name_parts,
    redact,
    select_quotes,
    store_gate,
)
from coprod_trust.store import open_memory
from coprod_trust.study import Study, load_study
from tests.notes.study import segment, survey, write_notes
from tests.studies import small_study

WHEN = datetime(2025, 8, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(small_study(tmp_path_factory.mktemp("study")))


def one(study: Study, text: str | None = "Nobody helped me", **more: object) -> Judged:
    fields = {"consent": "yes", "citizen": True, "paraphrase": None, **more}
    return judge([Passage("s1", text=text, **fields)], study)[0]  # type: ignore[arg-type]


def test_words_with_consent_that_no_screen_stops_may_be_quoted(study: Study) -> None:
    assert one(study) == Judged("s1", True, False, True, None, None, ("nobody has released the words",))


@pytest.mark.parametrize("consent", ["no", "withdrawn", None, "perhaps"])
def test_without_consent_neither_words_nor_paraphrase_leave(study: Study, consent: str | None) -> None:
    judged = one(study, consent=consent, paraphrase="was not helped")
    assert not judged.may_quote and not judged.may_paraphrase and judged.reasons


def test_words_of_professionals_are_not_quoted(study: Study) -> None:
    assert one(study, citizen=False).reasons == ("not the words of a citizen",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("then Pietersen left me alone", "holds a name, or a word that may be one"),
        ("call me on 06-12345678", "holds a telephone number"),
        ("write to me@example.org", "holds an e-mail address or an account"),
        ("I am p7 in the files", "holds a participant's id"),
        ("it stopped on 3 March", "holds a date"),
        ("at 12 Baker Street it was warm", "holds an address"),
        (None, "no words were handed in"),
    ],
)
def test_words_that_identify_are_stopped_with_the_reason_and_without_the_words(
    study: Study, text: str | None, reason: str
) -> None:
    judged = one(study, text, paraphrase="felt alone")
    assert not judged.may_quote
    assert reason in judged.reasons
    assert judged.may_paraphrase


def test_a_paraphrase_passes_the_same_screens(study: Study) -> None:
    assert not one(study, None, paraphrase="asked Pietersen for help").may_paraphrase


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("Ida van Dam", {"Ida", "Dam"}),
        ("Rook", {"Rook"}),
        ("R1", set()),
        ("R", set()),
        ("Coach", set()),
        ("The coordinator", set()),
        ("Staff member", set()),
        ("respondent", set()),
    ],
)
def test_which_labels_of_speakers_are_names(label: str, names: set[str]) -> None:
    assert set(name_parts(label)) == names


def test_a_speakers_name_is_stopped_in_small_letters_too(study: Study) -> None:
    passage = Passage("s1", "yes", True, "then rook left me alone", None)
    assert judge([passage], study)[0].may_quote
    assert not judge([passage], study, names=name_parts("Rook"))[0].may_quote


def candidate(code: str, segment_id: str, person: str, stance: str | None = None, **more: bool) -> Candidate:
    return Candidate(code, segment_id, person, f"words of {segment_id}", more.get("paraphrased", False), stance, "w2",
                     more.get("single", False))  # fmt: skip


def test_one_of_the_quotes_contrasts_where_there_is_one() -> None:
    pool = [candidate("A", f"s{i}", f"P{i}", "confirms") for i in range(5)] + [candidate("A", "s9", "P9", "contrasts")]
    chosen = choose(pool, seed=1, per_code=2)
    assert [q.stance for q in chosen] == ["confirms", "contrasts"]
    assert len(choose(pool, seed=1, per_code=1)) == 1
    assert [q.stance for q in choose(pool[:5], seed=1, per_code=2)] == ["confirms", "confirms"]
    assert [q.stance for q in choose(pool[5:], seed=1, per_code=2)] == ["contrasts"]


def test_nobody_is_quoted_more_than_twice_and_no_passage_twice() -> None:
    pool = [candidate(code, f"s{i}", "P1" if i < 6 else "P2") for code in "ABCDE" for i in range(8)]
    chosen = choose(pool, seed=1, per_code=3)
    people = {f"s{i}": "P1" if i < 6 else "P2" for i in range(8)}
    assert max(Counter(people[q.segment_id] for q in chosen).values()) == 2
    assert len({q.segment_id for q in chosen}) == len(chosen) == 4


def test_words_go_before_paraphrases_and_agreement_before_a_single_coder() -> None:
    pool = [
        candidate("A", "s1", "P1", paraphrased=True),
        candidate("A", "s2", "P2", single=True),
        candidate("A", "s3", "P3"),
    ]
    assert [q.segment_id for q in choose(pool, 1, 1)] == ["s3"]
    assert {q.segment_id for q in choose(pool, 1, 2)} == {"s2", "s3"}


def test_the_choice_depends_on_the_seed_and_not_on_the_order() -> None:
    pool = [candidate("A", f"s{i:02d}", f"P{i}") for i in range(30)]
    assert choose(pool, 1, 2) == choose(pool[::-1], 1, 2)
    assert len({tuple(q.segment_id for q in choose(pool, seed, 2)) for seed in range(5)}) > 1


@pytest.fixture
def con(tmp_path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Study]]:
    rows = [
        segment("s1", "int1", "NOSUP", participant_id="P001", text="Nobody helped me", consent_quote="yes"),
        segment("s1", "int1", "NOSUP", "ben", participant_id="P001", text="Nobody helped me", stance="contrasts"),
        segment("s1", "int1", "MOT", participant_id="P001", text="Nobody helped me"),
        segment("s2", "int2", "SUP", participant_id="P002", text="They helped me", consent_quote="yes"),
        segment("s2", "int2", "SUP", "ben", participant_id="P002", text="They helped me", consent_quote="withdrawn"),
        segment("s3", "fg1", "NOSUP", speaker="R1", text="We asked Pietersen", consent_quote="yes", paraphrase="asked"),
        segment("s4", "fg1", "SUP", speaker="Staff", text="We do help them", consent_quote="yes"),
    ]
    root = write_notes(tmp_path, segments=rows)
    with open_memory() as connection:
        survey(connection)
        study = load_study(root)
        store_notes(connection, read_notes(connection, study, root, "w2"))
        yield connection, study


def test_from_segments_to_quotes(con: tuple[duckdb.DuckDBPyConnection, Study]) -> None:
    connection, study = con
    assert store_gate(connection, study) == 1
    gate = dict(connection.execute("SELECT segment_id, reason FROM quote_gate").fetchall())
    assert gate == {
        "s1": "nobody has released the words",
        "s2": "the consent to be quoted was withdrawn",
        "s3": "holds a name, or a word that may be one",
        "s4": "not the words of a citizen",
    }
    quotes = {(q.code, q.segment_id): q for q in select_quotes(connection, study)}
    assert set(quotes) == {("NOSUP", "s3")}, "until words are released their paraphrase stands in their place"
    assert (quotes["NOSUP", "s3"].text, quotes["NOSUP", "s3"].paraphrased) == ("asked", True)
    store_gate(connection, study, [release("s1", "Nobody helped me")])
    quotes = {(q.code, q.segment_id): q for q in select_quotes(connection, study)}
    assert set(quotes) == {("NOSUP", "s1"), ("NOSUP", "s3")}, "MOT on s1 is unresolved"
    assert (quotes["NOSUP", "s1"].text, quotes["NOSUP", "s1"].paraphrased) == ("Nobody helped me", False)
    assert quotes["NOSUP", "s1"].stance == "contrasts"


def test_each_edition_has_what_was_released_for_it(con: tuple[duckdb.DuckDBPyConnection, Study]) -> None:
    connection, study = con
    connection.execute("UPDATE segment SET paraphrase = 'was not helped' WHERE segment_id = 's1'")
    store_gate(connection, study, [release("s1", "Nobody helped me")])
    assert quoted(con, Edition.PUBLIC) == {"s1": "was not helped", "s3": "asked"}
    store_gate(connection, study, [release("s1", "Nobody helped me", edition="public")])
    assert quoted(con, Edition.PUBLIC) == {"s1": "Nobody helped me", "s3": "asked"}
    connection.execute("UPDATE segment SET consent_quote = 'internal'")
    store_gate(connection, study, [release("s1", "Nobody helped me", edition="public")])
    assert quoted(con, Edition.PUBLIC) == {}, "nor a paraphrase"
    assert quoted(con, Edition.INTERNAL) == {"s1": "Nobody helped me", "s3": "asked"}


def quoted(con: tuple[duckdb.DuckDBPyConnection, Study], edition: Edition) -> dict[str, str]:
    return {q.segment_id: q.text for q in select_quotes(*con, edition=edition)}


def release(segment_id: str, words: str, **more: object) -> QuoteRelease:
    fields = {"words": fingerprint(words), **more}
    return QuoteRelease(who="A. Nalyst", when=WHEN, why="read", segment_id=segment_id, **fields)  # type: ignore[arg-type]


def released(study: Study, text: str, **more: object) -> Judged:
    passage = Passage("s1", str(more.pop("consent", "yes")), True, text, None)
    return judge([passage], study, {"s1": release("s1", str(more.pop("read", text)), **more)})[0]


def test_released_words_are_printed_with_the_marked_parts_left_out(study: Study) -> None:
    assert released(study, "Nobody helped me").words == "Nobody helped me"
    judged = released(study, "then Pietersen left me alone", redact="5-14")
    assert (judged.words, judged.may_quote) == ("then […] left me alone", True)
    assert released(study, "we met at ten there", redact="14-15 0-2;3-4").words == "[…] […] at ten […]"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"redact": "0-4"}, "holds a name, or a word that may be one"),
        ({}, "holds a name, or a word that may be one"),
        ({"redact": "5-14", "read": "other words"}, "holds a name, or a word that may be one"),
        ({"redact": "5-99"}, "holds a name, or a word that may be one"),
        ({"redact": "5-14", "consent": "withdrawn"}, "the consent to be quoted was withdrawn"),
        ({"redact": "5-14", "consent": "no"}, "no consent to be quoted"),
    ],
)
def test_a_release_lets_out_nothing_that_consent_or_screens_hold(
    study: Study, more: dict[str, object], reason: str
) -> None:
    judged = released(study, "then Pietersen left me alone", **more)
    assert (judged.words, judged.released, judged.reasons) == (None, None, (reason,))


def test_a_release_is_for_the_words_that_were_read(study: Study) -> None:
    judged = released(study, "Nobody helped me", read="Nobody helped us")
    assert (judged.words, judged.reasons) == (None, ("the words changed since they were released",))
    taken_back = released(study, "Nobody helped me", released=False)
    assert (taken_back.words, taken_back.reasons) == (None, ("nobody has released the words",))


@given(st.text(min_size=1, max_size=40), st.integers(0, 60), st.integers(0, 60))
def test_what_is_left_out_is_gone_and_what_is_not_near_stays(text: str, start: int, end: int) -> None:
    found = redact(text, f"{start}-{end}")
    if not start < end <= len(text):
        assert found is None
        return
    before, _, after = str(found).partition("[…]")
    assert text.startswith(before) and text.endswith(after)
    assert len(before) <= start and len(after) <= len(text) - end
    assert " " not in text[len(before) : start] and " " not in text[end : len(text) - len(after)]


def test_half_a_name_takes_the_whole_with_it() -> None:
    assert redact("then Pietersen-Bos left", "6-9") == "then […] left"


def test_parts_that_overlap_do_not_fit() -> None:
    assert redact("abcdefgh", "0-3 2-5") is None


def test_why_a_statement_was_left_out_passes_the_screens_too(study: Study) -> None:
    assert one(study, text="hello", filter_reason="small talk").filter_reason == "small talk"
    assert one(study, text="hello", filter_reason="is about Ms Jansen alone").filter_reason is None
