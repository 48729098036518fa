"""Projects of coding programs linked to a study: cases to participants, codes to the codebook, variables to what they
say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coprod_trust.notes.step import Notes, read_notes, run_step, store_notes
from coprod_trust.steps import Context
from coprod_trust.store import open_memory, open_work
from coprod_trust.study import load_study
from tests.notes.projects import making
from tests.notes.projects.making import code, coding, guid, qde, qdpx, reference, selection, source
from tests.notes.study import CODEBOOK, survey
from tests.studies import STUDY_YAML, write_csv

TALK = "I: How was it?\nR1: Nobody helped me.\nCoach: We did what we could.\nR2: They did help.\n"


def span(words: str) -> tuple[int, int]:
    return TALK.index(words), TALK.index(words) + len(words)


R1, COACH, R2 = span("Nobody helped me."), span("We did what we could."), span("They did help.")


def case(name: str, *inner: str) -> str:
    return f'<Case guid="{guid("case " + name)}" name="{name}">{"".join(inner)}</Case>'


GROUP = source(
    "fg1",
    selection(*R1, coding("NOSUP"), coding("NOSUP", "ben"), key="r1"),
    selection(*COACH, coding("Support"), key="coach"),
    selection(*R2, coding("Support"), key="r2"),
    selection(TALK.index("R1"), R1[1], key="turn of r1"),
    text=TALK,
)
CODES = code("NOSUP") + code("Support")


@pytest.fixture
def notes(tmp_path: Path) -> Callable[..., Notes]:
    """Reads a study whose segments are one .qdpx; ``settings`` are lines under ``notes:``."""

    def read(xml: str, settings: str = "", codebook: bool = True, **tables: list[dict[str, str]]) -> Notes:
        root = tmp_path
        qdpx(root / "notes" / "project.qdpx", xml)
        if codebook:
            write_csv(root / "codebook.csv", CODEBOOK)
        for name, rows in tables.items():
            write_csv(root / "notes" / f"{name}.csv", rows)
        lines = "".join(f"  {line}\n" for line in settings.splitlines())
        yaml = STUDY_YAML + f"notes:\n  segments: [notes/project.qdpx]\n  wave: w2\n{lines}"
        (root / "study.yaml").write_text(yaml, encoding="utf-8")
        with open_memory() as con:
            survey(con)
            return read_notes(con, load_study(root), root, "w3")

    return read


def people(notes: Notes) -> dict[str | None, tuple[str | None, str | None, str | None]]:
    return {s.text: (s.speaker, s.participant_id, s.speaker_role) for s in notes.segments.segments.values()}


def rules(notes: Notes) -> set[str]:
    return {p.rule for p in notes.problems} - {"one-coder", "format-loses"}


def test_cases_become_participants_and_people_with_a_role(notes: Callable[..., Notes]) -> None:
    cases = (
        case("P005", reference("SelectionRef", "turn of r1"))
        + case("The coach", reference("SelectionRef", "coach"))
        + case("Woman in green", reference("SelectionRef", "r2"))
        + case("north", reference("SourceRef", "source fg1"))
    )
    settings = "people: {The coach: {role: professional}, woman in green: {participant: '6'}}"
    read = notes(qde(codes=CODES, cases=cases, sources=GROUP), settings)
    assert rules(read) == set()
    assert people(read) == {
        "Nobody helped me.": ("P005", "P005", "citizen"),
        "We did what we could.": ("The coach", None, "professional"),
        "They did help.": ("Woman in green", "P006", "citizen"),
    }
    document = read.setting.documents["fg1"]
    assert (document.kind, document.case_name, document.wave) == ("focus_group", "north", "w2")
    assert {(p.participant_id, p.role) for p in read.setting.roster} == {
        ("P005", "citizen"), (None, "professional"), ("P006", "citizen")}  # fmt: skip


def test_a_document_of_one_person_is_an_interview(notes: Callable[..., Notes]) -> None:
    xml = qde(codes=CODES, cases=case("P005", reference("SourceRef", "source fg1")), sources=GROUP)
    read = notes(xml)
    assert set(people(read).values()) == {("P005", "P005", "citizen")}
    assert read.setting.documents["fg1"].kind == "interview"


def test_variables_say_who_when_and_whether_words_may_be_quoted(notes: Callable[..., Notes]) -> None:
    names = ("Respondent", "Round", "Held on", "Quote", "Role")
    variables = "".join(f'<Variable guid="{guid(n)}" name="{n}" typeOfVariable="Text"/>' for n in names)

    def value(name: str, text: str) -> str:
        return f"<VariableValue>{reference('VariableRef', name)}<TextValue>{text}</TextValue></VariableValue>"

    first = source(
        "fg1", selection(*R1, coding("NOSUP")), value("Round", "w1"), value("Held on", "2025-01-20"), text=TALK
    )
    cases = case("woman", value("Respondent", "5"), value("Quote", "internal"), reference("SourceRef", "source fg1"))
    settings = "variables: {participant_id: Respondent, wave: Round, date: held on, consent_quote: Quote, role: Role}"
    read = notes(qde(codes=CODES, variables=variables, cases=cases, sources=first), settings)
    (segment,) = read.segments.segments.values()
    assert (segment.participant_id, segment.wave, segment.consent_quote) == ("P005", "w1", "internal")
    assert str(read.setting.documents["fg1"].date) == "2025-01-20"


def test_without_cases_the_roster_says_who_speaks(notes: Callable[..., Notes]) -> None:
    roster = [{"document": "fg1", "participant_id": "5", "role": "citizen"}]
    documents = [{"document": "fg1", "kind": "interview", "wave": "w1"}]
    xml = qde(codes=CODES, sources=GROUP.replace('name="fg1"', 'name="fg1.docx"'))
    read = notes(xml, roster=roster, documents=documents)
    assert {s.participant_id for s in read.segments.segments.values()} == {"P005"}
    assert set(read.setting.documents) == {"fg1"}, "the ending of a file is no difference"
    assert {s.wave for s in read.segments.segments.values()} == {"w1"}, "documents.csv goes before the study's wave"


def test_who_withdrew_leaves_no_words_behind(notes: Callable[..., Notes], tmp_path: Path) -> None:
    cases = case("P005", "<Description>lives alone</Description>", reference("SelectionRef", "turn of r1"))
    memo = f'<Note guid="{guid("n")}"><PlainTextContent>she cried</PlainTextContent></Note>'
    xml = qde(codes=CODES, cases=cases, sources=GROUP.replace("</Coding>", "</Coding>", 1), notes=memo)
    link = f'<Link guid="{guid("l")}" originGUID="{guid("n")}" targetGUID="{guid("r1")}"/>'
    notes(xml.replace("</Notes>", f"</Notes><Links>{link}</Links>"))
    with open_memory() as con:
        survey(con)
        con.execute("INSERT INTO withdrawn_participant VALUES ('P005')")
        con.execute("DELETE FROM participant WHERE participant_id = 'P005'")
        read = read_notes(con, load_study(tmp_path), tmp_path, "w3")
        store_notes(con, read)
        assert con.execute("SELECT count(*) FROM segment").fetchall() == [(2,)]
        for table in ("memo", "note_case", "note_variable", "roster"):
            assert con.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)], table
    assert [t.withdrawn for _, t in read.tallies if t.withdrawn] == [2]


# Codes


def test_codes_are_known_by_id_by_name_and_by_their_place(notes: Callable[..., Notes]) -> None:
    codes = code("nosup") + code("Parent", code("Motivation falls")) + code("Invented")
    passage = selection(*R1, coding("nosup"), coding("Motivation falls"), coding("Invented"))
    read = notes(qde(codes=codes, sources=source("fg1", passage, text=TALK)))
    assert {c.code for c in read.segments.codings.values()} == {"NOSUP", "MOT"}
    (problem,) = [p for p in read.problems if p.rule == "code-unknown"]
    assert (problem.found, problem.row_number) == ("Invented", 3)
    assert [(t.rows_in, t.accepted, t.quarantined) for table, t in read.tallies if table.kind == "segments"] == [
        (3, 2, 1)
    ]


def test_without_a_codebook_the_codes_of_the_project_are_one(notes: Callable[..., Notes]) -> None:
    codes = code("Support", "<Description>help</Description>" + code("None")) + code("Mood")
    read = notes(qde(codes=codes, sources=GROUP.replace(guid("NOSUP"), guid("None"))), codebook=False)
    assert [(c.code, c.parent, c.definition) for c in read.codes] == [
        ("Support", None, "help"), ("None", "Support", None), ("Mood", None, None)]  # fmt: skip
    (problem,) = [p for p in read.problems if p.rule == "code-without-definition"]
    assert problem.message == "2 of 3 codes have no definition"
    assert {c.code for c in read.segments.codings.values()} == {"Support", "None"}


def test_codes_of_one_name_are_told_apart_by_their_place(notes: Callable[..., Notes]) -> None:
    xml = qde(codes=code("Up", code("x")) + code("Down", code("x").replace(guid("x"), guid("y"))), sources=GROUP)
    read = notes(xml, codebook=False)
    assert [c.code for c in read.codes] == ["Up", "Up/x", "Down", "Down/x"]


def test_reserved_codes_say_something_of_the_other_codes_there(notes: Callable[..., Notes]) -> None:
    stance = "stance: contrasts change.provider.w1-w2"
    codes = CODES + code(stance) + code("Valence", code("Positive")) + code("time reference = change")
    passage = selection(
        *R1,
        coding("NOSUP"),
        coding(stance),
        coding("Positive"),
        coding("NOSUP", "ben"),
        coding("time reference = change"),
    )
    alone = selection(*R2, coding(stance))
    read = notes(qde(codes=codes, sources=source("fg1", passage, alone, text=TALK)))
    assert "code-unknown" not in rules(read)
    found = {c.coder: (c.stance, c.finding_id, c.valence) for c in read.segments.codings.values()}
    assert found == {"ann": ("contrasts", "change.provider.w1-w2", "positive"), "ben": (None, None, None)}
    (said,) = [p for p in read.problems if p.rule == "format-loses"]
    assert "1 attributes given as a code" in said.message


def test_a_filter_decision_given_as_a_code(notes: Callable[..., Notes]) -> None:
    left_out = "kept: no, small talk"
    xml = qde(codes=CODES + code(left_out), sources=source("fg1", selection(*R1, coding(left_out)), text=TALK))
    read = notes(xml)
    (segment,) = read.segments.segments.values()
    assert (segment.kept, segment.filter_reason) == (False, "small talk")
    assert read.segments.codings == {}


def test_59_a_passage_whose_name_shows_other_words_is_held(notes: Callable[..., Notes]) -> None:
    spoken = [R1, COACH, R2, span("How was it?")]
    passages = [selection(s, e, coding("NOSUP"), name=TALK[s:e]) for s, e in spoken]
    shifted = selection(R1[0] + 6, R1[1] - 6, coding("Support"), name="We did what")
    read = notes(qde(codes=CODES, sources=source("fg1", *passages, shifted, text=TALK)))
    (problem,) = [p for p in read.problems if p.rule == "offsets-text-differs"]
    start = TALK.index("We did what")
    assert (problem.row_number, problem.suggestion) == (5, f"{start}-{start + len('We did what')}")
    assert len(read.segments.codings) == 4


# What is stored, and the other programs


def test_memos_variables_and_cases_come_along(notes: Callable[..., Notes]) -> None:
    variables = f'<Variable guid="{guid("v")}" name="Sex" typeOfVariable="Text"/>'
    value = f"<VariableValue>{reference('VariableRef', 'v')}<TextValue>f</TextValue></VariableValue>"
    memo = f'<Note guid="{guid("n")}" name="on support"><PlainTextContent>too broad</PlainTextContent></Note>'
    codes = code("Support", reference("NoteRef", "n"))
    xml = qde(codes=codes, variables=variables, cases=case("P005", value), sources=GROUP, notes=memo)
    read = notes(xml)
    with open_memory() as con:
        survey(con)
        store_notes(con, read)
        assert con.execute("SELECT case_name, participant_id, role FROM note_case").fetchall() == [
            ("P005", "P005", "citizen")]  # fmt: skip
        assert con.execute("SELECT subject, subject_name, variable, value FROM note_variable").fetchall() == [
            ("case", "P005", "Sex", "f")]  # fmt: skip
        assert con.execute("SELECT subject, subject_name, title, text FROM memo").fetchall() == [
            ("code", "SUP", "on support", "too broad")]  # fmt: skip
        assert con.execute("SELECT n_characters FROM document").fetchall() == [(len(TALK),)]


def test_what_is_not_read_is_said_once_a_file(notes: Callable[..., Notes]) -> None:
    after = f'<Graphs><Graph guid="{guid("g")}" name="g"/></Graphs>'
    (problem,) = [p for p in notes(qde(codes=CODES, sources=GROUP, after=after)).problems if p.rule == "format-loses"]
    assert (problem.severity, problem.name) == ("warn", "notes/project.qdpx")
    assert "not read: 1 graphs" in problem.message


def test_a_qualcoder_folder_is_read_archived_and_found_again(tmp_path: Path) -> None:
    day = "2025-07-22 10:00:00"
    start, end = R1
    rows: dict[str, list[tuple[object, ...]]] = {
        "code_name": [(1, "NOSUP", "", None, "ann", day)],
        "source": [(1, "fg1", TALK, None, "", "ann", day)],
        "code_text": [(1, 1, 1, TALK[start:end], start, end, "ann", day, "")],
        "cases": [(1, "P005", "", "ann", day)],
        "case_text": [(1, 1, 1, 0, len(TALK))],
    }
    path = making.database(tmp_path / "notes" / "study.qda" / "data.qda", making.QUALCODER, rows)
    write_csv(tmp_path / "codebook.csv", CODEBOOK)
    (tmp_path / "study.yaml").write_text(STUDY_YAML + "notes: {segments: [notes/study.qda], wave: w2}\n")
    context = Context(tmp_path, "w2", "run")
    first = run_step(context)
    assert (first["segments"], first["codings"]) == (1, 1)
    path.unlink()
    assert run_step(context) == first, "the database is read from the archive once the folder has gone"
    with open_work(context.paths) as con:
        assert con.execute("SELECT segment_id, participant_id, text FROM segment").fetchall() == [
            (f"fg1@{start}-{end}", "P005", "Nobody helped me.")]  # fmt: skip
        assert con.execute("SELECT name, format FROM source_file WHERE kind = 'segments'").fetchall() == [
            ("notes/study.qda/data.qda", "qualcoder")]  # fmt: skip


def test_two_projects_of_two_coders_meet_in_the_same_passage(notes: Callable[..., Notes], tmp_path: Path) -> None:
    mine = source("fg1", selection(*R1, coding("NOSUP", "ann")), text=TALK)
    theirs = source("fg1", selection(*R1, coding("Support", "ben")), text=TALK)
    qdpx(tmp_path / "notes" / "second.qdpx", qde(codes=CODES, sources=theirs))
    read = notes(qde(codes=CODES, sources=mine), "")
    (tmp_path / "study.yaml").write_text(
        (tmp_path / "study.yaml").read_text().replace("[notes/project.qdpx]", "['notes/*.qdpx']")
    )
    with open_memory() as con:
        survey(con)
        read = read_notes(con, load_study(tmp_path), tmp_path, "w3")
    assert len(read.segments.segments) == 1
    assert len(read.segments.readings) == 2


def test_two_projects_with_different_texts_of_a_document_do_not_share_offsets(
    notes: Callable[..., Notes], tmp_path: Path
) -> None:
    edited = "A line more.\n" + TALK
    start, end = edited.index("Nobody helped me."), edited.index("Nobody helped me.") + len("Nobody helped me.")
    theirs = source("fg1", selection(start, end, coding("NOSUP", "ben")), text=edited)
    qdpx(tmp_path / "notes" / "second.qdpx", qde(codes=CODES, sources=theirs))
    notes(qde(codes=CODES, sources=source("fg1", selection(*R1, coding("NOSUP")), text=TALK)))
    yaml = (tmp_path / "study.yaml").read_text().replace("[notes/project.qdpx]", "['notes/*.qdpx']")
    (tmp_path / "study.yaml").write_text(yaml)
    with open_memory() as con:
        survey(con)
        read = read_notes(con, load_study(tmp_path), tmp_path, "w3")
    (problem,) = [p for p in read.problems if p.rule == "offsets-text-differs"]
    assert (problem.name, problem.suggestion) == ("notes/second.qdpx", f"{R1[0]}-{R1[1]}")


def test_a_qdc_is_a_codebook(tmp_path: Path, notes: Callable[..., Notes]) -> None:
    xml = qde(codes=code("Support", "<Description>help</Description>"))
    (tmp_path / "codes.qdc").write_text(xml.replace("project:1.0", "codebook:1.0"))
    read = notes(qde(codes=CODES, sources=GROUP), "codebook: codes.qdc", codebook=False)
    assert [(c.code, c.definition) for c in read.codes] == [("Support", "help")]
    assert [(t.format, n.accepted) for t, n in read.tallies if t.kind == "codebook"] == [("qdc", 1)]
