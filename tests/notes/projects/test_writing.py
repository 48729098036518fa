"""What is written as REFI-QDA reads back the same, validates against the standard's schema, and opens elsewhere."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod_trust.notes.projects.model import Coded, Memo, Project, ProjectCase, ProjectCode, SourceText, Span, Value
from coprod_trust.notes.projects.writing import Extras, decimal, project_bytes
from tests.notes.projects.making import read

SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "data" / "qda" / "Project.xsd"
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12).filter(str.strip)
CODERS = st.one_of(st.none(), st.sampled_from(["ann", "ben", "Zoë <z@x>"]))


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """A project such as we export: trees of codes, overlapping and equal passages, cases, values and memos."""
    project = Project("coprod-trust 0", draw(NAMES))
    for i in range(draw(st.integers(1, 5))):
        parent = draw(st.one_of(st.none(), st.integers(0, max(0, i - 1)).map(str))) if i else None
        project.codes.append(ProjectCode(str(i), f"c{i} {draw(NAMES)}", parent, draw(st.one_of(st.none(), NAMES))))
    for i in range(draw(st.integers(0, 3))):
        text = draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80))
        project.documents[f"d{i}"] = SourceText(f"d{i}", f"d{i}", text)
        for n in range(draw(st.integers(0, 5))):
            start = draw(st.integers(0, len(text) - 1))
            end = draw(st.integers(start + 1, len(text)))
            for code in draw(st.sets(st.sampled_from(project.codes), min_size=1, max_size=3)):
                coded_on = draw(st.one_of(st.none(), st.dates()))
                number = len(project.codings) + 1
                project.codings.append(
                    Coded(number, f"d{i}", start, end, code.key, draw(CODERS), coded_on, label=f"s{i}-{n}")
                )
    spans = sorted({(c.document, c.start, c.end) for c in project.codings})
    for i in range(draw(st.integers(0, 3))):
        inside = draw(st.sets(st.sampled_from(spans), max_size=3)) if spans else set()
        project.cases.append(ProjectCase(f"P{i}", tuple(Span(*s) for s in sorted(inside))))
        score = decimal(draw(st.floats(-1e9, 1e9)))
        project.values.append(Value("case", f"P{i}", "score", "float", score))
    return project


def codings(project: Project) -> list[tuple[object, ...]]:
    names = {c.key: project.path_of(c.key) for c in project.codes}
    return sorted(
        (project.documents[c.document].name, c.start, c.end, names[c.code], c.coder or "", str(c.coded_on), c.label)
        for c in project.codings
    )


def back(project: Project, extras: Extras | None = None) -> Project:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.qdpx"
        path.write_bytes(project_bytes(project, "study", extras))
        return read(path)


def as_xml(project: Project) -> Project:
    """The same with names as XML can hold them: without characters that it forbids, ends of lines and spaces alike."""
    from coprod_trust.notes.projects.writing import clean

    def plain(text: str) -> str:
        return clean(text).replace("\r\n", "\n").replace("\r", "\n")

    project.codes = [
        ProjectCode(c.key, " ".join(plain(c.name).split()), c.parent, plain(c.definition or "").strip() or None)
        for c in project.codes
    ]
    project.name = " ".join(plain(project.name).split())
    return project


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(projects())
def test_reading_back_gives_the_same_codings_cases_and_values(project: Project) -> None:
    project = as_xml(project)
    found = back(project)
    assert codings(found) == codings(project)
    assert sorted((found.path_of(c.key), c.definition) for c in found.codes) == sorted(
        (project.path_of(c.key), c.definition) for c in project.codes
    )
    assert [(c.name, sorted((s.document and found.documents[s.document].name, s.start, s.end) for s in set(c.spans)))
            for c in found.cases] == [
        (c.name, sorted((s.document, s.start, s.end) for s in c.spans)) for c in project.cases
    ]  # fmt: skip
    assert [(v.subject_name, v.variable, v.value) for v in found.values] == [
        (v.subject_name, v.variable, v.value) for v in project.values
    ]
    assert +found.lost == {}


def small() -> Project:
    project = Project("coprod-trust 0", "p & <q>")
    project.codes = [ProjectCode("g", "group"), ProjectCode("a", 'A "quoted"', "g", "what <it> means")]
    project.documents = {"d": SourceText("d", "d", "Hello \N{GRINNING FACE} world\nbye"), "e": SourceText("e", "e", "")}
    project.codings = [Coded(1, "d", 6, 7, "a", "ann", label="s1"), Coded(2, "d", 8, 13, "a", None, label="s2")]
    project.cases = [ProjectCase("P001", (Span("d", 6, 7), Span("e")))]
    project.values = [
        Value("case", "P001", "score__w1", "float", "54.25"),
        Value("case", "P001", "interviewed", "boolean", "true"),
        Value("document", "d", "date", "date", "2025-07-20"),
    ]
    project.memos = [Memo("segment", "d@6-7", "she smiled")]
    return project


def test_the_same_project_gives_the_same_bytes() -> None:
    assert project_bytes(small(), "study") == project_bytes(small(), "study")
    assert project_bytes(small(), "study") != project_bytes(small(), "another")


def test_what_xml_cannot_hold_leaves_offsets_as_they_are() -> None:
    project = small()
    project.documents["d"] = SourceText("d", "d", "a\x00b\x0bHello world")
    project.codings = [Coded(1, "d", 4, 9, "a", "ann", label="s")]
    project.cases = []
    found = back(project)
    (text,) = [d.text for d in found.documents.values() if d.name == "d"]
    assert text is not None and text[4:9] == "Hello"


def test_parents_in_a_circle_are_not_written() -> None:
    project = small()
    project.codes = [ProjectCode("a", "A", "b"), ProjectCode("b", "B", "a")]
    with pytest.raises(ValueError, match="circle"):
        project_bytes(project, "study")


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the standard's schema is not at ../shared/data")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(projects())
def test_it_validates_against_the_schema_of_the_standard(project: Project) -> None:
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    extras = Extras("all of it", {"score": "points"}, frozenset({"0"}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.qdpx"
        path.write_bytes(project_bytes(project, "study", extras))
        with zipfile.ZipFile(path) as archive:
            schema.assertValid(etree.fromstring(archive.read("project.qde")))


def test_somebody_elses_library_opens_it(tmp_path: Path) -> None:
    from pyrefiqda import RefiProject

    path = tmp_path / "p.qdpx"
    path.write_bytes(project_bytes(small(), "study"))
    project = RefiProject.load(path, extract_dir=str(tmp_path / "out"))
    assert [u.name for u in project.users.user] == ["ann"]
    assert [c.name for c in project.code_book.codes.code] == ["group"]
    (first, second) = project.sources.text_source
    text = RefiProject.resolve_source_path(first.plain_text_path, tmp_path / "out").read_text(encoding="utf-8")
    assert [text[s.start_position : s.end_position] for s in first.plain_text_selection] == [
        "\N{GRINNING FACE}",
        "world",
    ]
    assert second.name == "e"
    (case,) = project.cases.case
    assert (case.name, len(case.variable_value), len(case.selection_ref), len(case.source_ref)) == ("P001", 2, 1, 1)
