"""REFI-QDA projects: what the standard says, and what each program does otherwise."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.notes.projects.making import (
    code,
    coding,
    guid,
    qde,
    qdpx,
    read,
    reference,
    refusal,
    selection,
    source,
    words,
)

TEXT = "I: How was it?\nP: Nobody helped me, so I stopped caring.\nI: And now?\nP: Fine.\n"
HELPED = (TEXT.index("Nobody"), TEXT.index(", so"))
STOPPED = (TEXT.index("I stopped"), TEXT.index(".\nI: And"))


def test_codes_with_their_tree_and_definitions(tmp_path: Path) -> None:
    inner = f"<Description>help from staff</Description>{code('None at all')}"
    project = read(
        qdpx(tmp_path / "p.qdpx", qde(codes=code("Support", inner) + code("Other"), sources=source("d", text="")))
    )
    assert [(c.name, project.path_of(c.key), c.definition) for c in project.codes] == [
        ("Support", "Support", "help from staff"),
        ("None at all", "Support/None at all", None),
        ("Other", "Other", None),
    ]


def test_a_passage_with_two_codes_by_two_coders(tmp_path: Path) -> None:
    passage = selection(*HELPED, coding("A"), coding("B", "ben", "2025-08-01T09:00:00Z"))
    xml = qde(codes=code("A") + code("B"), sources=source("int1", passage))
    project = read(qdpx(tmp_path / "p.qdpx", xml, {"int1.txt": TEXT}))
    assert project.n_selections == 1
    assert [(c.coder, str(c.coded_on)) for c in project.codings] == [("ann", "2025-07-22"), ("ben", "2025-08-01")]
    assert words(project) == ["Nobody helped me"] * 2


@pytest.mark.parametrize("path", ["internal://d1.txt", "d1.txt", "internal:///d1.txt"])
def test_paths_with_and_without_their_prefix(tmp_path: Path, path: str) -> None:
    xml = qde(codes=code("A"), sources=source("d1", selection(*HELPED, coding("A")), path=path))
    assert words(read(qdpx(tmp_path / "p.qdpx", xml, {"d1.txt": TEXT}))) == ["Nobody helped me"]


@pytest.mark.parametrize("path", ["relative:///d1.txt", "absolute:///etc/hostname", "internal://../../etc/hostname"])
def test_files_outside_the_archive_are_never_opened(tmp_path: Path, path: str) -> None:
    (tmp_path / "d1.txt").write_text(TEXT)
    xml = qde(codes=code("A"), sources=source("d1", selection(*HELPED, coding("A")), path=path))
    project = read(qdpx(tmp_path / "p.qdpx", xml))
    assert [d.text for d in project.documents.values()] == [None]
    assert project.lost["texts that lie outside the project or cannot be read"] == 1
    assert len(project.codings) == 1, "the coding itself is not lost"


def test_an_inner_file_named_after_the_project_as_atlas_ti_has_it(tmp_path: Path) -> None:
    xml = qde(
        origin="ATLAS.ti Win 23", codes=code("A"), sources=source("d1", selection(*HELPED, coding("A")), text=TEXT)
    )
    assert len(read(qdpx(tmp_path / "p.qdpx", xml, inner="My project.qde")).codings) == 1


def test_guids_in_braces_and_in_any_case(tmp_path: Path) -> None:
    xml = qde(codes=code("A"), sources=source("d1", selection(*HELPED, coding("A")), text=TEXT))
    xml = xml.replace(f'CodeRef targetGUID="{guid("A")}"', f'CodeRef targetGUID="{{{guid("A").upper()}}}"')
    assert len(read(qdpx(tmp_path / "p.qdpx", xml)).codings) == 1


def test_a_coding_with_a_code_that_is_gone_is_counted_as_lost(tmp_path: Path) -> None:
    xml = qde(codes=code("A"), sources=source("d1", selection(*HELPED, coding("B")), text=TEXT))
    project = read(qdpx(tmp_path / "p.qdpx", xml))
    assert project.codings == []
    assert project.lost["codings with a code that is not in the project"] == 1


def test_a_code_given_to_a_whole_document(tmp_path: Path) -> None:
    xml = qde(codes=code("A"), sources=source("d1", coding("A"), text=TEXT))
    project = read(qdpx(tmp_path / "p.qdpx", xml))
    assert words(project) == [TEXT]


# Offsets


CRLF = TEXT.replace("\n", "\r\n")


def crlf_offsets(start: int, end: int) -> tuple[int, int]:
    """Where the passage stands when a line break counts two."""
    return start + TEXT[:start].count("\n"), end + TEXT[:end].count("\n")


@pytest.mark.parametrize("name", ["I stopped caring", ""])
@pytest.mark.parametrize("break_is_one", [True, False])
@pytest.mark.parametrize("end_included", [True, False])
def test_line_breaks_and_ends_are_counted_as_the_file_shows(
    tmp_path: Path, name: str, break_is_one: bool, end_included: bool
) -> None:
    less = 1 if end_included else 0
    spans = [HELPED, STOPPED, (TEXT.index("And"), TEXT.index("?\nP: Fine")), (TEXT.index("Fine"), len(TEXT) - 2)]
    passages = ""
    for start, end in spans:
        s, e = (start, end) if break_is_one else crlf_offsets(start, end)
        passages += selection(s, e - less, coding("A"), name=TEXT[start:end] if name else "")
    xml = qde(codes=code("A"), sources=source("d1", passages))
    project = read(qdpx(tmp_path / "p.qdpx", xml, {"d1.txt": CRLF}))
    assert words(project) == [TEXT[s:e] for s, e in spans]
    assert "\r" not in (project.documents[guid("source d1")].text or "")


def test_a_byte_order_mark_that_offsets_do_not_count_and_one_that_they_do(tmp_path: Path) -> None:
    for shift in (0, 1):
        s, e = STOPPED
        passage = selection(s + shift, e + shift, coding("A"), name=TEXT[s:e])
        xml = qde(codes=code("A"), sources=source("d1", passage))
        path = qdpx(tmp_path / f"p{shift}.qdpx", xml, {"d1.txt": b"\xef\xbb\xbf" + TEXT.encode()})
        assert words(read(path)) == ["I stopped caring"]


def test_emoji_count_one_or_two(tmp_path: Path) -> None:
    text = "\N{GRINNING FACE}" * 3 + " Nobody helped me."
    start = text.index("Nobody")
    for units in (0, 3):
        passage = selection(start + units, len(text) - 1 + units, coding("A"), name="Nobody helped me")
        path = qdpx(tmp_path / f"p{units}.qdpx", qde(codes=code("A"), sources=source("d1", passage)), {"d1.txt": text})
        project = read(path)
        assert words(project) == ["Nobody helped me"]
        assert any("UTF-16" in r for r in project.remarks) == (units > 0)


def test_where_nothing_tells_how_offsets_count_that_is_said(tmp_path: Path) -> None:
    passage = selection(0, 1, coding("A"))
    project = read(qdpx(tmp_path / "p.qdpx", qde(codes=code("A"), sources=source("d1", passage, text="a\nb c d"))))
    assert any(r.startswith("nothing in the file tells") for r in project.remarks)


# Cases, variables, memos


def test_a_case_by_source_by_selection_and_by_code(tmp_path: Path) -> None:
    cases = (
        f'<Case guid="{guid("c1")}" name="P001">{reference("SourceRef", "source d1")}</Case>'
        f'<Case guid="{guid("c2")}" name="P002">{reference("SelectionRef", "turn")}</Case>'
        f'<Case guid="{guid("c3")}" name="P003">{reference("CodeRef", "speaker")}</Case>'
        f'<Case guid="{guid("c4")}" name="P004"/>'
    )
    sources = source(
        "d1",
        selection(*HELPED, coding("A"), key="turn"),
        selection(*STOPPED, coding("speaker")),
        # MAXQDA codes with the case itself
        selection(1, 5, coding("c4")),
        text=TEXT,
    )
    project = read(qdpx(tmp_path / "p.qdpx", qde(codes=code("A") + code("speaker"), cases=cases, sources=sources)))
    spans = {c.name: [(s.start, s.end) for s in c.spans] for c in project.cases}
    assert spans == {"P001": [(None, None)], "P002": [HELPED], "P003": [STOPPED], "P004": [(1, 5)]}
    assert len(project.codings) == 2, "coding with a case is no coding"


def test_variables_of_cases_and_of_documents(tmp_path: Path) -> None:
    variables = f'<Variable guid="{guid("v")}" name="Round" typeOfVariable="Integer"/>'
    value = f"<VariableValue>{reference('VariableRef', 'v')}<IntegerValue>2</IntegerValue></VariableValue>"
    cases = f'<Case guid="{guid("c")}" name="north">{value}</Case>'
    project = read(
        qdpx(tmp_path / "p.qdpx", qde(variables=variables, cases=cases, sources=source("d1", value, text="")))
    )
    assert [(v.subject, v.subject_name, v.variable, v.value_type, v.value) for v in project.values] == [
        ("document", "d1", "Round", "integer", "2"),
        ("case", "north", "Round", "integer", "2"),
    ]


def test_memos_by_reference_by_link_and_as_description(tmp_path: Path) -> None:
    notes = (
        f'<Note guid="{guid("n1")}" name="on A" creatingUser="{guid("ben")}" creationDateTime="2025-07-01T00:00:00Z">'
        "<PlainTextContent>too broad</PlainTextContent></Note>"
        f'<Note guid="{guid("n2")}" plainTextPath="internal://n2.txt"/>'
        f'<Note guid="{guid("n3")}"/>'
    )
    links = f'<Link guid="{guid("l")}" originGUID="{guid("n2")}" targetGUID="{guid("turn")}" direction="OneWay"/>'
    sources = source(
        "d1", selection(*HELPED, "<Description>strong words</Description>", coding("A"), key="turn"), text=TEXT
    )
    xml = qde(codes=code("A", reference("NoteRef", "n1")), sources=sources, notes=notes, links=links)
    project = read(qdpx(tmp_path / "p.qdpx", xml, {"n2.txt": "look again"}))
    where = f"d1@{HELPED[0]}-{HELPED[1]}"
    assert {(m.subject, m.subject_name, m.text, m.author) for m in project.memos} == {
        ("code", guid("A"), "too broad", "ben"),
        ("segment", where, "look again", None),
        ("segment", where, "strong words", "ann"),
    }
    assert project.lost["memos without text"] == 1


def test_what_is_no_text_is_counted(tmp_path: Path) -> None:
    picture = (
        f'<PictureSource guid="{guid("pic")}" name="map" path="internal://map.png">'
        f'<PictureSelection guid="{guid("ps")}" firstX="1" firstY="1" secondX="2" secondY="2">'
        f"{coding('A')}{coding('B')}</PictureSelection></PictureSource>"
    )
    after = f'<Sets><Set guid="{guid("s")}" name="s"/></Sets><Graphs><Graph guid="{guid("g")}" name="g"/></Graphs>'
    project = read(qdpx(tmp_path / "p.qdpx", qde(codes=code("A") + code("B"), sources=picture, after=after)))
    assert +project.lost == {
        "coded parts of pictures": 2,
        "documents without text (pictures, sound, film, PDF)": 1,
        "graphs": 1,
        "sets": 1,
    }


def test_the_text_of_a_pdf_and_the_transcript_of_a_recording(tmp_path: Path) -> None:
    pdf = (
        f'<PDFSource guid="{guid("pdf")}" name="letter.pdf" path="internal://letter.pdf">'
        f'<Representation guid="{guid("rep")}" plainTextPath="internal://rep.txt">{selection(*HELPED, coding("A"))}'
        "</Representation></PDFSource>"
    )
    sound = (
        f'<AudioSource guid="{guid("sound")}" name="talk.mp3" path="internal://talk.mp3">'
        f'<Transcript guid="{guid("tr")}" plainTextPath="internal://talk.txt">'
        f'<SyncPoint guid="{guid("p1")}" timeStamp="0" position="{STOPPED[0]}"/>'
        f'<SyncPoint guid="{guid("p2")}" timeStamp="9" position="{STOPPED[1]}"/>'
        f'<TranscriptSelection guid="{guid("ts")}" fromSyncPoint="{guid("p1")}" toSyncPoint="{guid("p2")}">'
        f"{coding('A')}</TranscriptSelection></Transcript></AudioSource>"
    )
    xml = qde(codes=code("A"), sources=pdf + sound)
    project = read(qdpx(tmp_path / "p.qdpx", xml, {"rep.txt": TEXT, "talk.txt": TEXT}))
    assert words(project) == ["Nobody helped me", "I stopped caring"]
    assert [d.name for d in project.documents.values()] == ["letter.pdf", "talk.mp3"]


# Files that are damaged or mean harm


def test_entities_and_document_types_are_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + qde().split("?>", 1)[1]
    outside = '<?xml version="1.0"?><!DOCTYPE p SYSTEM "file:///etc/passwd">' + qde().split("?>", 1)[1]
    for n, xml in enumerate((bomb, outside)):
        problem = refusal(qdpx(tmp_path / f"{n}.qdpx", xml))
        assert problem.rule == "file-unreadable" and "entities" in problem.message
    (tmp_path / "c.qdc").write_text(bomb.replace("Project", "CodeBook"))
    assert refusal(tmp_path / "c.qdc").rule == "file-unreadable"


def test_a_path_that_leads_out_of_the_archive_is_refused(tmp_path: Path) -> None:
    for n, name in enumerate(("../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "..\\evil.txt")):
        path = qdpx(tmp_path / f"{n}.qdpx", qde())
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, "x")
        assert "leads out" in refusal(path).message


def test_an_archive_that_unpacks_too_large_is_refused(tmp_path: Path) -> None:
    path = qdpx(tmp_path / "p.qdpx", qde(), {"d1.txt": b"a" * (40 << 20)})
    assert path.stat().st_size < 100_000
    assert "unpacks to more" in refusal(path).message


def test_a_recording_may_be_large(tmp_path: Path) -> None:
    path = qdpx(tmp_path / "p.qdpx", qde(codes=code("A")), {"talk.mp4": b"\0" * (40 << 20)})
    assert len(read(path).codes) == 1


def test_what_is_cut_off_or_no_project_is_refused(tmp_path: Path) -> None:
    whole = qdpx(tmp_path / "whole.qdpx", qde(codes=code("A"))).read_bytes()
    (tmp_path / "cut.qdpx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.qdpx").write_bytes(b"")
    (tmp_path / "words.qdpx").write_text("no zip")
    qdpx(tmp_path / "none.qdpx", qde(), inner="other.xml")
    qdpx(tmp_path / "xml.qdpx", "<Project>")
    qdpx(tmp_path / "root.qdpx", "<Workbook/>")
    found = {n: refusal(tmp_path / f"{n}.qdpx").rule for n in ("cut", "empty", "words", "none", "xml", "root")}
    assert found == {
        "cut": "file-unreadable", "empty": "file-empty", "words": "file-type-mismatch", "none": "file-type-mismatch",
        "xml": "file-unreadable", "root": "file-type-mismatch",
    }  # fmt: skip


def test_codes_nested_without_end_are_refused(tmp_path: Path) -> None:
    deep = '<Code guid="x" name="n" isCodable="true">' * 2000 + "</Code>" * 2000
    assert "nested" in refusal(qdpx(tmp_path / "p.qdpx", qde(codes=deep))).message
