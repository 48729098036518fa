"""Each rule of the catalogue that concerns codebooks and coded notes, on files that break it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coprod_trust.ingest.problem import Problem
from coprod_trust.notes.coders import may_be_one
from coprod_trust.notes.documents import kind_of
from coprod_trust.notes.step import Notes, read_notes, store_notes
from coprod_trust.notes.transcript import Transcript, comparable
from coprod_trust.store import open_memory
from coprod_trust.study import load_study
from tests.notes.study import (
    CODEBOOK,
    DOCUMENTS,
    NOTES_YAML,
    ROSTER,
    SEGMENTS,
    WORDS,
    segment,
    survey,
    write_notes,
    write_transcripts,
)

Rows = list[dict[str, str]]


@pytest.fixture
def notes(tmp_path: Path) -> Callable[..., Notes]:
    """Reads a study of notes with some tables replaced; ``words`` are its transcripts, ``yaml`` comes at the end."""

    def read(*, words: dict[str, str] | None = None, yaml: str = "", **tables: Rows) -> Notes:
        root = write_notes(tmp_path, **tables)
        if words is not None:
            write_transcripts(root, words)
        (root / "study.yaml").write_text(NOTES_YAML + yaml, encoding="utf-8")
        with open_memory() as con:
            survey(con)
            return read_notes(con, load_study(root), root, "w3")

    return read


def only(notes: Notes, rule: str) -> Problem:
    """The one problem with that rule."""
    (found,) = [p for p in notes.problems if p.rule == rule]
    assert found.message and found.expected and found.fix and found.name
    return found


def rules(notes: Notes) -> set[str]:
    return {p.rule for p in notes.problems}


def code(name: str, **more: str) -> dict[str, str]:
    return {**dict.fromkeys(CODEBOOK[0], ""), "code": name, "name": name, "definition": "d", **more}


def test_clean_notes_raise_no_problem_but_the_coders_who_worked_alone(notes: Callable[..., Notes]) -> None:
    assert rules(notes(words=WORDS)) == set()


# 49 to 52: the codebook


def test_49_a_code_listed_twice(notes: Callable[..., Notes]) -> None:
    problem = only(notes(codebook=[*CODEBOOK, code("SUP")]), "code-repeated")
    assert (problem.severity, problem.row_number, problem.message) == (
        "refuse", 5, "the code stands already in row 2")  # fmt: skip


def test_50_a_parent_that_is_not_there(notes: Callable[..., Notes]) -> None:
    problem = only(notes(codebook=[*CODEBOOK, code("X", parent="SUPP")]), "code-parent-unknown")
    assert (problem.severity, problem.row_number, problem.suggestion) == ("refuse", 5, "SUP")


def test_50_parents_in_a_circle(notes: Callable[..., Notes]) -> None:
    circle = [code("A", parent="C"), code("B", parent="A"), code("C", parent="B"), code("D", parent="A")]
    found = [p for p in notes(codebook=[*CODEBOOK, *circle]).problems if p.rule == "code-parent-cyclic"]
    assert [p.row_number for p in found] == [5, 6, 7], "D hangs on the circle and is not part of it"


def test_51_a_code_without_a_definition(notes: Callable[..., Notes]) -> None:
    problem = only(notes(codebook=[*CODEBOOK, code("X", definition="")]), "code-without-definition")
    assert (problem.severity, problem.row_number) == ("warn", 5)


def test_52_a_direction_that_is_none(notes: Callable[..., Notes]) -> None:
    problem = only(notes(codebook=[code("SUP", expected_provider="up"), *CODEBOOK[1:]]), "direction-unknown")
    assert (problem.severity, problem.row_number, problem.column_name) == ("refuse", 2, "expected_provider")


def test_52_directions_as_spreadsheets_write_them(notes: Callable[..., Notes]) -> None:
    written = ["+", "-", "\N{MINUS SIGN}", "\N{EN DASH}", "0", "?", "±", "+/-", "'+", "", "+ / -"]
    codebook = [{**code(f"C{i}"), "expected_provider": w} for i, w in enumerate(written)]
    read = notes(codebook=codebook, segments=[segment("s1", "int1", "C0", participant_id="P001")])
    assert [c.expected_provider for c in read.codes] == ["+", "-", "-", "-", "0", "?", "±", "±", "+", None, "±"]


# 54 to 57: who and what


def test_54_an_unknown_code_is_held_with_a_suggestion(notes: Callable[..., Notes]) -> None:
    typo = segment("s2", "int2", "nosupp", "ben", participant_id="P002", text="They always helped me")
    read = notes(segments=[*SEGMENTS, typo])
    problem = only(read, "code-unknown")
    assert (problem.severity, problem.row_number, problem.found, problem.suggestion) == (
        "quarantine", 7, "nosupp", "NOSUP")  # fmt: skip
    assert ("s2", "NOSUP", "ben") not in read.segments.codings
    assert ("s2", "ben") in read.segments.readings, "ben read it, so ann's code is not single"


def test_55_a_segment_of_nobody_in_particular(notes: Callable[..., Notes]) -> None:
    rows = [segment(f"s{i}", "fg1", "SUP", text=f"text {i}") for i in range(3)]
    read = notes(segments=rows)
    problem = only(read, "segment-without-participant")
    assert (problem.severity, problem.row_number) == ("warn", 2)
    assert "3 rows" in problem.message
    assert {s.participant_id for s in read.segments.segments.values()} == {None}


def test_55_set_to_quarantine_holds_the_rows(notes: Callable[..., Notes]) -> None:
    rows = [segment(f"s{i}", "fg1", "SUP", text=f"text {i}") for i in range(3)]
    read = notes(segments=rows, yaml="rules: {segment-without-participant: quarantine}\n")
    assert read.tallies[-1][1].quarantined == 3
    assert not read.segments.segments
    assert "segment-without-participant" not in rules(
        notes(segments=rows, yaml="rules: {segment-without-participant: 'off'}\n")
    )


def test_56_a_person_who_is_not_in_the_survey(notes: Callable[..., Notes]) -> None:
    rows = [segment(f"s{i}", "fg1", "SUP", participant_id="P099", text=f"text {i}") for i in range(2)]
    problem = only(notes(segments=rows), "participant-not-in-survey")
    assert (problem.severity, problem.row_number) == ("warn", 2)
    assert "P099" not in problem.message


def test_57_a_speaker_who_is_not_in_the_roster(notes: Callable[..., Notes]) -> None:
    read = notes(segments=[segment("s1", "fg1", "SUP", speaker="R9", text="hm")])
    problem = only(read, "speaker-unknown")
    assert (problem.severity, problem.row_number, problem.column_name, problem.found) == ("warn", 2, "speaker", "R9")
    assert "roster" in problem.expected
    assert "segment-without-participant" not in rules(read)


def test_57_a_speaker_is_found_whatever_the_case(notes: Callable[..., Notes]) -> None:
    read = notes(segments=[segment("s1", "fg1", "SUP", speaker="r1", text="hm")])
    assert read.segments.segments["s1"].participant_id == "P005"
    assert "speaker-unknown" not in rules(read)


def test_the_speaker_of_an_interview_is_who_sat_there_alone(notes: Callable[..., Notes]) -> None:
    read = notes(segments=[segment("s1", "int3", "SUP", text="hm")])
    assert read.segments.segments["s1"].participant_id == "P003"


# 58 to 60: one passage, one id


def test_58_two_ids_for_one_passage_are_brought_together_by_offsets(notes: Callable[..., Notes]) -> None:
    where = {"start_offset": "6", "end_offset": "22", "participant_id": "P001", "text": "Nobody helped me"}
    rows = [segment("a1", "int1", "NOSUP", **where), segment("b7", "int1", "NOSUP", "ben", **where)]
    read = notes(segments=rows)
    assert only(read, "segment-ids-differ").severity == "warn"
    assert set(read.segments.codings) == {("a1", "NOSUP", "ann"), ("a1", "NOSUP", "ben")}


def test_58_two_ids_for_one_text_without_offsets_are_held(notes: Callable[..., Notes]) -> None:
    text = {"participant_id": "P001", "text": "Nobody helped me, so I stopped"}
    rows = [segment("a1", "int1", "NOSUP", **text), segment("b7", "int1", "NOSUP", "ben", **text)]
    read = notes(segments=rows)
    assert only(read, "segment-id-ambiguous").row_number == 3
    assert ("a1", "ben") in read.segments.readings
    apart = [{**rows[0], "position": "1"}, {**rows[1], "position": "8"}]
    assert "segment-id-ambiguous" not in rules(notes(segments=apart)), "the same words said twice"


@pytest.mark.parametrize(
    "other", [{"text": "Something else"}, {"participant_id": "P002"}, {"document": "int2"}, {"wave": "w3"}]
)
def test_58_one_id_for_two_passages_is_held(notes: Callable[..., Notes], other: dict[str, str]) -> None:
    first = segment("s1", "int1", "NOSUP", participant_id="P001", text="Nobody helped me")
    read = notes(segments=[first, {**first, "coder": "ben", **other}])
    assert only(read, "segment-id-ambiguous").severity == "quarantine"
    assert len(read.segments.codings) == 1


def test_58_one_passage_of_two_people_is_held(notes: Callable[..., Notes]) -> None:
    where = {"start_offset": "6", "end_offset": "22", "text": "Nobody helped me"}
    rows = [
        segment("a1", "fg1", "NOSUP", participant_id="P005", **where),
        segment("b1", "fg1", "NOSUP", "ben", participant_id="P006", **where),
    ]
    read = notes(segments=rows)
    assert only(read, "segment-id-ambiguous").row_number == 3
    assert len(read.segments.segments) == 1


def test_58_what_one_row_leaves_blank_is_taken_from_another(notes: Callable[..., Notes]) -> None:
    rows = [
        segment("a1", "fg1", "NOSUP", text="Nobody helped me"),
        segment("a1", "fg1", "NOSUP", "ben", participant_id="P005", speaker_role="citizen", consent_quote="no"),
        segment("a1", "fg1", "MOT", "ben", participant_id="P005", consent_quote="yes", paraphrase="was alone"),
    ]
    (kept,) = notes(segments=rows).segments.segments.values()
    assert (kept.participant_id, kept.speaker_role, kept.text) == ("P005", "citizen", "Nobody helped me")
    assert (kept.consent_quote, kept.paraphrase) == ("no", "was alone"), "the strictest consent holds"


def at(start: int | str, end: int | str, text: str = "Nobody helped me", coder: str = "ann") -> dict[str, str]:
    return segment("s1", "int1", "NOSUP", coder, participant_id="P001", text=text, start_offset=str(start),
                   end_offset=str(end))  # fmt: skip


def test_59_right_offsets_pass(notes: Callable[..., Notes]) -> None:
    assert WORDS["int1"][6:22] == "Nobody helped me"
    assert rules(notes(words=WORDS, segments=[at(6, 22)])) == {"one-coder"}


@pytest.mark.parametrize(("start", "end"), [(50, 66), (22, 6), (6, 6), (-1, 15), ("six", 22), ("", 22)])
def test_59_offsets_outside_the_transcript_are_held(notes: Callable[..., Notes], start: int, end: int) -> None:
    read = notes(words=WORDS, segments=[at(start, end)])
    problem = only(read, "offsets-outside")
    assert (problem.severity, problem.suggestion) == ("quarantine", "6-22")
    assert not read.segments.segments


def test_59_shifted_offsets_are_held_with_the_right_ones_as_a_suggestion(notes: Callable[..., Notes]) -> None:
    read = notes(words=WORDS, segments=[at(6, 22), at(9, 25, coder="ben")])
    problem = only(read, "offsets-text-differs")
    assert (problem.row_number, problem.suggestion) == (3, "6-22")
    assert ("s1", "ben") in read.segments.readings, "the code stays unresolved until the row is mended"


def test_59_a_segment_without_words_takes_them_from_the_transcript(notes: Callable[..., Notes]) -> None:
    read = notes(words=WORDS, segments=[at(6, 22, text="")])
    assert read.segments.segments["s1"].text == "Nobody helped me"


def test_60_overlapping_passages_with_one_code_by_one_coder_count_once(notes: Callable[..., Notes]) -> None:
    second = {**at(13, 40, text="helped me, so I stopped car"), "segment_id": "s2"}
    read = notes(segments=[at(6, 22), second, {**second, "coder": "ben"}, {**second, "code": "MOT"}])
    assert only(read, "coding-repeated").row_number == 3
    assert read.tallies[-1][1].duplicates == 1
    assert set(read.segments.codings) == {("s1", "NOSUP", "ann"), ("s2", "NOSUP", "ben"), ("s2", "MOT", "ann")}


def test_60_passages_that_only_touch_do_not_overlap(notes: Callable[..., Notes]) -> None:
    second = {**at(22, 40, text=", so I stopped cari"[:18]), "segment_id": "s2"}
    assert "coding-repeated" not in rules(notes(segments=[at(6, 22), second]))


# 61 and 62: coders


def test_61_one_coder(notes: Callable[..., Notes]) -> None:
    problem = only(notes(segments=[r for r in SEGMENTS if r["coder"] == "ann"]), "one-coder")
    assert problem.severity == "warn"


def test_62_names_that_may_be_one_coder(notes: Callable[..., Notes]) -> None:
    rows = [*SEGMENTS, segment("s2", "int2", "SUP", "Ann ", participant_id="P002", text="They always helped me")]
    assert only(notes(segments=rows), "coder-name-variants").severity == "warn"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("anna k", "Anna K.", True),
        ("anna", "anna k", True),
        ("johanna", "johana", True),
        ("coder 1", "coder 2", False),
        ("coder_a", "coder_b", False),
        ("ann", "ben", False),
        ("R1", "R2", False),
    ],
)
def test_62_which_names_may_be_one(a: str, b: str, same: bool) -> None:
    assert may_be_one(a, b) is may_be_one(b, a) is same


def test_62_a_declared_alias_makes_one_coder_of_two_names(tmp_path: Path) -> None:
    rows = [*SEGMENTS, segment("s3", "fg1", "NOSUP", "Ann K", speaker="R1", text="We were left to sort it out")]
    root = write_notes(tmp_path, segments=rows)
    yaml = NOTES_YAML.replace("notes: {", "notes: {coder_aliases: {Ann K: ann}, ")
    (root / "study.yaml").write_text(yaml, encoding="utf-8")
    with open_memory() as con:
        survey(con)
        read = read_notes(con, load_study(root), root, "w3")
    assert {c for _, c in read.segments.readings} == {"ann", "ben"}
    assert rules(read) == {"coding-repeated"}


# 67 to 71: the words, the speaker, the time


def test_67_a_quote_that_does_not_stand_in_its_source_is_held(notes: Callable[..., Notes]) -> None:
    edited = segment("s1", "int1", "NOSUP", participant_id="P001", text="Nobody ever helped me")
    assert only(notes(words=WORDS, segments=[edited]), "quote-altered").severity == "quarantine"
    assert only(notes(words=WORDS, segments=[at(6, 22, text="Nobody ever helped me")]), "quote-altered")


def test_67_a_quote_longer_than_its_span_is_held_also_without_a_transcript(notes: Callable[..., Notes]) -> None:
    assert only(notes(segments=[at(6, 21)]), "quote-altered").row_number == 2
    assert "quote-altered" not in rules(notes(segments=[at(6, 22)]))


def test_68_quotation_marks_breaks_and_emoji_are_made_alike_to_match_and_kept_as_they_are(
    notes: Callable[..., Notes],
) -> None:
    said = "\N{LEFT DOUBLE QUOTATION MARK}I don\N{RIGHT SINGLE QUOTATION MARK}t\r\nknow\N{RIGHT DOUBLE QUOTATION MARK}"
    words = {"int1": f"She said: {said} \N{HEAVY BLACK HEART}\ufe0f."}
    text = '"I don\'t know" \N{HEAVY BLACK HEART}'
    row = segment("s1", "int1", "SUP", participant_id="P001", text=text)
    read = notes(words=words, segments=[row])
    assert rules(read) == {"one-coder"}
    assert read.segments.segments["s1"].text == text
    placed = {**row, "start_offset": "10", "end_offset": "26"}
    read = notes(words=words, segments=[placed])
    assert only(read, "text-normalised").severity == "warn"
    assert read.segments.segments["s1"].text == text


def test_68_offsets_count_characters_and_a_line_break_is_one() -> None:
    transcript = Transcript("a\N{GRINNING FACE}b\nc")
    assert transcript.span(1, 3) == "\N{GRINNING FACE}b"
    assert transcript.span(4, 5) == "c"
    assert transcript.span(4, 6) is None
    assert comparable("caf\N{LATIN SMALL LETTER E WITH ACUTE}") == comparable("cafe\N{COMBINING ACUTE ACCENT}")


def test_69_a_professionals_words_under_a_citizens_role_are_held(notes: Callable[..., Notes]) -> None:
    row = segment("s1", "fg1", "SUP", speaker="Staff", speaker_role="participant", text="We do help")
    read = notes(segments=[row])
    assert only(read, "speaker-role-differs").severity == "quarantine"
    assert not read.segments.segments
    right = notes(segments=[{**row, "speaker_role": ""}])
    assert right.segments.segments["s1"].speaker_role == "professional"
    assert rules(right) == {"one-coder"}


def test_69_roles_of_the_studys_own_words(notes: Callable[..., Notes], tmp_path: Path) -> None:
    roster = [{**r, "role": "buurtagent" if r["role"] == "professional" else r["role"]} for r in ROSTER]
    row = segment("s1", "fg1", "SUP", speaker="Staff", speaker_role="citizen", text="We do help")
    assert "speaker-role-differs" not in rules(notes(roster=roster, segments=[row]))
    root = write_notes(tmp_path, roster=roster, segments=[row])
    yaml = NOTES_YAML.replace("notes: {", "notes: {roles: {Buurtagent: professional}, ")
    (root / "study.yaml").write_text(yaml, encoding="utf-8")
    with open_memory() as con:
        survey(con)
        assert "speaker-role-differs" in rules(read_notes(con, load_study(root), root, "w3"))


def test_71_a_segment_dated_before_its_wave(notes: Callable[..., Notes]) -> None:
    documents = [{**d, "date": "2025-06-01"} if d["document"] == "int1" else d for d in DOCUMENTS]
    problem = only(notes(documents=documents), "segment-before-wave")
    assert (problem.severity, problem.row_number) == ("warn", 2)
    assert "3 rows" in problem.message


def test_71_a_segment_that_belongs_to_no_wave_is_held(notes: Callable[..., Notes]) -> None:
    read = notes(segments=[segment("s1", "new", "SUP", participant_id="P001", text="hm")])
    assert only(read, "segment-without-wave").severity == "quarantine"


def test_a_wave_that_the_study_does_not_know_refuses_the_file(notes: Callable[..., Notes]) -> None:
    assert only(notes(segments=[{**SEGMENTS[0], "wave": "w7"}]), "wave-unknown").severity == "refuse"


# Files


def test_a_misspelt_column_is_named_with_a_suggestion(notes: Callable[..., Notes]) -> None:
    rows = [{("particpant_id" if k == "participant_id" else k): v for k, v in row.items()} for row in SEGMENTS]
    problem = only(notes(segments=rows), "column-unknown")
    assert (problem.column_name, problem.suggestion) == ("particpant_id", "participant_id")


def test_a_file_without_a_needed_column_is_refused(notes: Callable[..., Notes]) -> None:
    rows = [{k: v for k, v in row.items() if k != "document"} for row in SEGMENTS]
    problem = only(notes(segments=rows), "file-type-mismatch")
    assert (problem.severity, problem.message) == ("refuse", "a file for segments needs the column document")


def test_every_reason_to_refuse_comes_at_once(notes: Callable[..., Notes]) -> None:
    rows = [{k: v for k, v in row.items() if k != "document"} for row in SEGMENTS]
    read = notes(codebook=[*CODEBOOK, code("SUP"), code("X", parent="Y")], segments=rows)
    assert {p.rule for p in read.refusals} == {"code-repeated", "code-parent-unknown", "file-type-mismatch"}


def test_column_names_may_have_capitals_and_spaces(notes: Callable[..., Notes]) -> None:
    rows = [{k.replace("_", " ").title(): v for k, v in row.items()} for row in SEGMENTS]
    read = notes(segments=rows)
    assert rules(read) == set()
    assert len(read.segments.codings) == 5


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Interview", "interview"),
        ("in-depth interview", "interview"),
        ("Focus Group", "focus_group"),
        ("group interview", "focus_group"),
        ("field notes", "field_notes"),
        ("", None),
    ],
)
def test_kinds_of_documents(written: str, kind: str | None) -> None:
    assert kind_of(written) == kind


# 63, 64 and 70: reconciled codes, coding after results, translations


def test_63_reconciled_rows_without_the_originals_are_refused(notes: Callable[..., Notes]) -> None:
    rows = [segment("s1", "int1", "SUP", "consensus", participant_id="P001")]
    problem = only(notes(segments=rows), "originals-overwritten")
    assert (problem.severity, problem.column_name) == ("refuse", "coder")


def test_63_reconciled_rows_beside_the_originals_settle_them(notes: Callable[..., Notes]) -> None:
    rows = [
        segment("s1", "int1", "SUP", "ann", participant_id="P001"),
        segment("s1", "int1", "MOT", "ben", participant_id="P001"),
        segment("s1", "int1", "MOT", "Consensus", participant_id="P001"),
        segment("s1", "int1", "NOSUP", "Consensus", participant_id="P001"),
    ]
    read = notes(segments=rows)
    assert read.refusals == []
    assert {c for *_, c in read.segments.codings} == {"ann", "ben"}, (
        "both coders' work stays, and nobody else's is added"
    )
    with open_memory() as con:
        store_notes(con, read)
        found = con.execute("SELECT code, status FROM segment_code ORDER BY code").fetchall()
    assert found == [("MOT", "decided"), ("NOSUP", "decided"), ("SUP", "rejected")]


def test_64_coding_by_somebody_who_is_not_blinded(notes: Callable[..., Notes]) -> None:
    rows = [{**r, "blinded": "no" if r["coder"] == "ann" else "yes"} for r in SEGMENTS]
    problem = only(notes(segments=rows), "coded-after-results")
    assert problem.severity == "warn" and "(4 rows)" in problem.message


def test_64_coding_after_the_first_report_unless_blinded(tmp_path: Path) -> None:
    days = {"s1": "2025-08-01", "s2": "2025-09-20", "s3": "2025-09-21"}
    blinded = {"s1": "", "s2": "", "s3": "yes"}
    rows = [{**r, "coded_on": days[r["segment_id"]], "blinded": blinded[r["segment_id"]]} for r in SEGMENTS]
    root = write_notes(tmp_path, segments=rows)
    with open_memory() as con:
        survey(con)
        for wave, day in (("w1", "2025-03-01"), ("w2", "2025-09-01"), ("w3", None)):
            con.execute("INSERT INTO run VALUES ($1, $1, '2025-01-01', $2, 'v', 'p', NULL)", [wave, day])
        problem = only(read_notes(con, load_study(root), root, "w3"), "coded-after-results")
    assert problem.row_number == 5, "s2 alone: s1 came before the report on its wave, s3 was blinded"


def test_70_a_translation_without_the_words_before_it(notes: Callable[..., Notes]) -> None:
    translated = {"translated_from": "nl", "original_text": ""}
    rows = [{**segment("s1", "int1", "SUP", participant_id="P001", text="Nobody helped me"), **translated}]
    problem = only(notes(segments=rows), "translation-without-original")
    assert problem.severity == "warn"


def test_70_the_original_is_what_is_held_against_the_transcript(notes: Callable[..., Notes]) -> None:
    words = {"int1": "Niemand hielp mij, dus ik gaf het op."}
    row = segment(
        "s1", "int1", "SUP", participant_id="P001", text="Nobody helped me", start_offset="0", end_offset="17"
    )
    read = notes(segments=[{**row, "translated_from": "nl", "original_text": "Niemand hielp mij"}], words=words)
    assert rules(read) == {"one-coder"}
    (kept,) = read.segments.segments.values()
    assert (kept.text, kept.original_text) == ("Nobody helped me", "Niemand hielp mij")
