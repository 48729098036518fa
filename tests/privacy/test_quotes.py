"""Whose words may be printed, and which are chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from coprod_trust.notes.step import read_notes, store_notes
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.privacy.quotes import Candidate, Judged, Passage, choose, judge, name_parts, select_quotes, store_gate
from coprod_trust.store import open_memory
from coprod_trust.study import Study, load_study
from tests.notes.study import segment, survey, write_notes
from tests.studies import small_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(small_study(tmp_path_factory.mktemp("study")))


def one(study: Study, text: str | None = "Nobody helped me", **more: object) -> Judged:
    fields = {"consent": "yes", "citizen": True, "paraphrase": None, **more}
    return judge([Passage("s1", text=text, **fields)], study)[0]  # type: ignore[arg-type]


def test_words_with_consent_that_no_screen_stops_may_be_quoted(study: Study) -> None:
    assert one(study) == Judged("s1", True, False, ())


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
        "s1": None,
        "s2": "the consent to be quoted was withdrawn",
        "s3": "holds a name, or a word that may be one",
        "s4": "not the words of a citizen",
    }
    quotes = {(q.code, q.segment_id): q for q in select_quotes(connection, study)}
    assert set(quotes) == {("NOSUP", "s1"), ("NOSUP", "s3")}, "MOT on s1 is unresolved"
    assert quotes["NOSUP", "s1"].text == "Nobody helped me"
    assert quotes["NOSUP", "s1"].stance == "contrasts"
    assert (quotes["NOSUP", "s3"].text, quotes["NOSUP", "s3"].paraphrased) == ("asked", True)


def test_the_public_edition_has_no_quotes_yet(con: tuple[duckdb.DuckDBPyConnection, Study]) -> None:
    connection, study = con
    store_gate(connection, study)
    assert select_quotes(connection, study, edition=Edition.PUBLIC) == []
