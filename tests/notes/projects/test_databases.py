"""QualCoder and Taguette projects: SQLite files, each with its own way of counting."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.notes.projects.making import QUALCODER, TAGUETTE, database, read, refusal, words

TEXT = "I: Hello \N{GRINNING FACE}\nP: Nobody helped me. Ça suffit.\n"
S, E = TEXT.index("Nobody"), TEXT.index(". Ça")


def qualcoder(path: Path, start: int = S, end: int = E, **more: list[tuple[object, ...]]) -> Path:
    day = "2025-07-22 10:00:00"
    rows: dict[str, list[tuple[object, ...]]] = {
        "project": [("v14", day, "about trust", "", "ann")],
        "code_cat": [(1, "Trust", "ann", day, "all of it", None), (2, "Staff", "ann", day, "", 1)],
        "code_name": [(1, "Support", "help from staff", 2, "ann", day), (2, "Support ", "", None, "ann", day)],
        "source": [(1, "int1.docx", TEXT, None, "in the kitchen"), (2, "map.png", None, "/images/map.png")],
        "code_text": [
            (1, 1, 1, TEXT[S:E], start, end, "ann", day, "strong"),
            (2, 1, 1, TEXT[S:E], start, end, "ben", day),
        ],
        "code_image": [(1, 2, 1, "")],
        "cases": [(1, "P001", "", "ann", day), (2, "north", "the group", "ann", day)],
        "case_text": [(1, 1, 1, S, len(TEXT)), (2, 2, 1, 0, 0)],
        "attribute_type": [("Round", day, "ann", "", "file", "numeric"), ("Sex", day, "ann", "", "case", "character")],
        "attribute": [(1, "Round", "file", "2", 1), (2, "Sex", "case", "f", 1), (3, "Sex", "case", "", 2)],
        "annotation": [(1, 1, 0, 8, "friendly", "ben", day)],
        "journal": [(1, "diary", "first day", day, "ann")],
    }
    return database(path, QUALCODER, {**rows, **more})


def test_qualcoder_codes_coders_and_words(tmp_path: Path) -> None:
    project = read(qualcoder(tmp_path / "study.qda" / "data.qda"))
    assert (project.program, project.name) == ("QualCoder", "study")
    assert words(project) == ["Nobody helped me"] * 2
    assert [(c.coder, c.text, str(c.coded_on)) for c in project.codings] == [
        ("ann", "Nobody helped me", "2025-07-22"), ("ben", "Nobody helped me", "2025-07-22")]  # fmt: skip
    assert project.n_selections == 1
    assert [project.path_of(c.key) for c in project.codes] == [
        "Trust", "Trust/Staff", "Trust/Staff/Support", "Support "]  # fmt: skip


def test_qualcoder_offsets_in_utf16_units_are_told_by_the_words(tmp_path: Path) -> None:
    project = read(qualcoder(tmp_path / "data.qda", S + 1, E + 1))
    assert words(project) == ["Nobody helped me"] * 2
    assert "UTF-16" in project.remarks[0]


def test_qualcoder_cases_variables_and_memos(tmp_path: Path) -> None:
    project = read(qualcoder(tmp_path / "data.qda"))
    assert {c.name: [(s.start, s.end) for s in c.spans] for c in project.cases} == {
        "P001": [(S, len(TEXT))], "north": [(None, None)]}  # fmt: skip
    assert [(v.subject, v.subject_name, v.variable, v.value) for v in project.values] == [
        ("document", "int1.docx", "Round", "2"), ("case", "P001", "Sex", "f")]  # fmt: skip
    assert {(m.subject, m.subject_name, m.text) for m in project.memos} == {
        ("document", "int1.docx", "in the kitchen"),
        ("coding", f"int1.docx@{S}-{E}", "strong"),
        ("case", "north", "the group"),
        ("segment", "int1.docx@0-8", "friendly"),
        ("project", project.name, "first day"),
        ("project", project.name, "about trust"),
    }
    assert project.lost["coded parts of pictures"] == 1


def test_an_older_qualcoder_without_some_tables_and_columns(tmp_path: Path) -> None:
    path = qualcoder(tmp_path / "data.qda")
    con = sqlite3.connect(path)
    con.executescript("DROP TABLE journal; DROP TABLE code_cat; ALTER TABLE code_text DROP COLUMN memo;")
    con.close()
    assert words(read(path)) == ["Nobody helped me"] * 2


def test_a_project_is_read_and_never_written(tmp_path: Path) -> None:
    path = qualcoder(tmp_path / "data.qda")
    before = path.read_bytes()
    read(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["data.qda"]


def test_a_project_that_is_open_elsewhere_is_refused(tmp_path: Path) -> None:
    path = qualcoder(tmp_path / "data.qda")
    con = sqlite3.connect(path)
    con.execute("PRAGMA journal_mode = wal")
    con.execute("UPDATE code_text SET memo = 'x'")
    con.commit()
    assert "open" in refusal(path).message
    con.close()


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    whole = qualcoder(tmp_path / "data.qda").read_bytes()
    (tmp_path / "cut.qda").write_bytes(whole[:6000])
    assert refusal(tmp_path / "cut.qda").rule == "file-unreadable"


def test_a_view_in_the_place_of_a_table_is_not_followed(tmp_path: Path) -> None:
    path = qualcoder(tmp_path / "data.qda")
    con = sqlite3.connect(path)
    con.executescript("ALTER TABLE code_text RENAME TO t; CREATE VIEW code_text AS SELECT * FROM t;")
    con.close()
    assert refusal(path).rule == "file-type-mismatch"


HTML = "<p>I: Hello &amp; welcome \N{GRINNING FACE}</p>\n<p>P: <b>Nobody</b> helped me. Ça suffit.</p>"
PLAIN = "I: Hello & welcome \N{GRINNING FACE}\nP: Nobody helped me. Ça suffit."


def byte(text: str) -> int:
    return len(PLAIN[: PLAIN.index(text)].encode())


def taguette(path: Path, **more: list[tuple[object, ...]]) -> Path:
    add = json.dumps({"type": "highlight_add", "highlight_id": 1, "tags": [1]})
    rows: dict[str, list[tuple[object, ...]]] = {
        "projects": [(1, "trust", "our study")],
        "documents": [(1, "int1", "in the kitchen", "int1.docx", 1, HTML)],
        "tags": [(1, 1, "support.none", "nobody helps"), (2, 1, "mood", "")],
        "highlights": [
            (1, 1, byte("Nobody"), byte(". Ça"), "<p><b>Nobody</b> helped me</p>"),
            (2, 1, byte("Ça"), byte("Ça") + len("Ça suffit".encode()), "<p>Ça suffit</p>"),
            (3, 1, 0, 2, "I:"),
        ],
        "highlight_tags": [(1, 1), (1, 2), (2, 2)],
        "commands": [(1, "2025-07-22 10:00:00", "ann", 1, 1, add), (2, "2025-07-22", "ann", 1, 1, "not json")],
    }
    return database(path, TAGUETTE, {**rows, **more})


def test_taguette_counts_bytes_of_the_text_without_its_tags(tmp_path: Path) -> None:
    project = read(taguette(tmp_path / "t.sqlite3"))
    assert [d.text for d in project.documents.values()] == [PLAIN]
    assert words(project) == ["Nobody helped me"] * 2 + ["Ça suffit"]
    assert [c.text for c in project.codings] == words(project)
    assert project.n_selections == 3
    assert project.lost["highlights without a tag"] == 1


def test_taguette_tells_the_coder_by_its_log(tmp_path: Path) -> None:
    project = read(taguette(tmp_path / "t.sqlite3"))
    assert [(c.coder, str(c.coded_on)) for c in project.codings] == [("ann", "2025-07-22")] * 2 + [(None, "None")]
    without = read(taguette(tmp_path / "u.sqlite3", commands=[]))
    assert any("nobody knows who coded" in r for r in without.remarks)


def test_taguette_of_a_server_with_several_projects_is_refused(tmp_path: Path) -> None:
    path = taguette(tmp_path / "t.sqlite3", projects=[(1, "a", ""), (2, "b", "")])
    assert "several projects" in refusal(path).message


def test_another_sqlite_file_is_refused(tmp_path: Path) -> None:
    path = database(tmp_path / "x.sqlite3", "CREATE TABLE t (a)", {"t": [(1,)]})
    assert refusal(path).rule == "file-type-mismatch"
