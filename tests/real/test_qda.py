"""Projects and codebooks of coding programs as they are found in public repositories and packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.ingest.readers.report import Report
from coprod_trust.notes.projects import Project, open_project
from coprod_trust.notes.transcript import comparable

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "qda"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the public files are not at ../shared/data"),
]


def read(name: str) -> Project:
    return open_project(DATA / name, name, Report(name, None, "x"))[1]


def test_taguette() -> None:
    project = read("taguette.sqlite3")
    assert (len(project.documents), len(project.codes), project.n_selections, len(project.codings)) == (10, 6, 18, 24)
    for c in project.codings:
        text = project.documents[c.document].text
        assert text is not None and c.text is not None
        assert comparable(text[c.start : c.end]) == comparable(c.text), "the bytes lead to the words of the snippet"


def test_a_qdpx_whose_paths_lack_their_prefix() -> None:
    project = read("demo.qdpx")
    assert (len(project.codes), project.n_selections, len(project.codings)) == (262, 158, 205)
    assert {c.coder for c in project.codings} == {"cp"}
    assert project.remarks == [], "whole lines are coded, which tells how the ends are counted"
    for c in project.codings:
        text = project.documents[c.document].text
        assert text is not None
        assert c.start == 0 or text[c.start - 1] == "\n", "every selection of this program is a whole line"
        assert c.end == len(text) or text[c.end - 1] == "\n"


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("portableQDA_Atlasti.qdc", ["code2", "code1", "code1/code1.1", "code3", "code3/code:3.1"]),
        (
            "portableQDA_test_compare_Diff_destAtlas.qdc",
            ["testCodeCommon", "testCode NEw-compareQDC(Sun Mar  7 12:35:30 2021)"],
        ),
    ],
)
def test_codebooks(name: str, paths: list[str]) -> None:
    project = read(name)
    assert [project.path_of(c.key) for c in project.codes] == paths


def test_a_codebook_whose_descriptions_are_attributes() -> None:
    project = read("doorstop-core-tests-files-exported.qdc")
    assert [c.definition for c in project.codes][:2] == ["Hello, world!", "Hello, world!"]
    assert len(project.codes) == 8


def test_the_codebook_of_the_standard() -> None:
    project = read("REFI-QDA-1-5.qdc")
    assert len(project.codes) == 6
    assert {c.definition for c in project.codes if c.name == "Economy"} == {"Anything about jobs or taxes or business"}
