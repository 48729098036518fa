"""Originals are kept, files that have gone come from the archive, decisions are laid over what was handed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from coprod_trust.decisions import CodingDecision, Correction, Release, append
from coprod_trust.errors import UsageError
from coprod_trust.ingest import archive
from coprod_trust.ingest.release import release
from coprod_trust.notes.step import Notes, read_notes, run_step, store_notes
from coprod_trust.steps import Context
from coprod_trust.store import StudyPaths, open_memory, open_work
from coprod_trust.study import load_study
from tests.notes.study import SEGMENTS, WORDS, segment, survey, write_notes, write_transcripts
from tests.studies import write_csv

BY = {"who": "analyst", "when": datetime(2026, 1, 5, tzinfo=UTC), "why": "seen in the transcript"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        survey(connection)
        yield connection


def read(con: duckdb.DuckDBPyConnection, root: Path, wave: str = "w2") -> Notes:
    return read_notes(con, load_study(root), root, wave)


def test_every_file_is_archived_and_recorded_with_its_rows(tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    write_transcripts(root)
    context = Context(root, "w2", "run")
    run_step(context)
    kept = {e.path: e for e in archive.entries(context.paths)}
    assert set(kept) == {
        "codebook.csv", "notes/documents.csv", "notes/roster.csv", "notes/guide.csv", "notes/segments.csv",
        *(f"notes/transcripts/{d}.txt" for d in WORDS),
    }  # fmt: skip
    for path, entry in kept.items():
        assert archive.kept_path(context.paths, entry.sha256).read_bytes() == (root / path).read_bytes()
    with open_work(context.paths) as con:
        files = con.execute(
            "SELECT name, rows_in = accepted + quarantined + duplicates + blank + withdrawn, rows_in, received_at "
            "FROM source_file WHERE kind <> 'transcript'"
        ).fetchall()
        assert {(name, whole, rows) for name, whole, rows, _ in files} == {
            ("codebook.csv", True, 3), ("notes/documents.csv", True, 5), ("notes/roster.csv", True, 7),
            ("notes/guide.csv", True, 1), ("notes/segments.csv", True, 5),
        }  # fmt: skip
        assert {at for *_, at in files} == {kept[name].received_at for name, *_ in files}


def test_files_that_have_gone_are_read_from_the_archive(tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    write_transcripts(root)
    context = Context(root, "w2", "run")
    first = run_step(context)
    for path in [*root.glob("notes/*.csv"), *root.glob("notes/transcripts/*"), root / "codebook.csv"]:
        path.unlink()
    context.paths.database.unlink()
    assert run_step(context) == first
    with open_work(context.paths) as con:
        assert con.execute("SELECT count(*) FROM segment").fetchall() == [(3,)]


def test_checking_writes_nothing(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    read(con, root)
    assert not StudyPaths(root).work.exists()


def test_semicolons_and_a_byte_order_mark(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    path = root / "notes" / "segments.csv"
    write_csv(path, SEGMENTS, delimiter=";")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    notes = read(con, root)
    assert len(notes.segments.codings) == 5
    assert {p.rule for p in notes.problems} == {"delimiter-not-comma"}


def test_a_comma_between_digits_in_a_text_stays_a_comma(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [segment("s1", "int1", "SUP", participant_id="P001", text="3,5")]
    assert read(con, write_notes(tmp_path, segments=rows)).segments.segments["s1"].text == "3,5"


def test_an_excel_sheet_reads_like_a_csv(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    import openpyxl

    root = write_notes(tmp_path)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(SEGMENTS[0]))
    for row in SEGMENTS:
        sheet.append([value or None for value in row.values()])
    (root / "notes" / "segments.csv").unlink()
    book.save(root / "notes" / "segments.xlsx")
    yaml = (root / "study.yaml").read_text().replace("segments.csv", "segments.xlsx")
    (root / "study.yaml").write_text(yaml)
    assert len(read(con, root).segments.codings) == 5


def test_a_transcript_that_is_not_utf8_refuses(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    write_transcripts(root)
    (root / "notes" / "transcripts" / "int1.txt").write_bytes("Überall".encode("latin-1"))
    assert [p.rule for p in read(con, root).refusals] == ["encoding-undecidable"]


TYPO = segment("s2", "int2", "SUPP", "ben", participant_id="P002", text="They always helped me")


def test_a_correction_is_laid_over_the_original(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path, segments=[*SEGMENTS, TYPO])
    before = (root / "notes" / "segments.csv").read_bytes()
    sha256 = archive.hash_of(root / "notes" / "segments.csv")
    append(root, Correction(wave="w2", sha256=sha256[:16], row_number=7, column="code", value="SUP", **BY))
    notes = read(con, root)
    assert ("s2", "SUP", "ben") in notes.segments.codings
    assert notes.problems == []
    assert (root / "notes" / "segments.csv").read_bytes() == before
    append(root, Correction(wave="w2", sha256=sha256[:16], row_number=7, column="code", value="SUPPP", **BY))
    assert [p.rule for p in read(con, root).problems] == ["code-unknown"], "the last correction stands, and is checked"


def test_a_correction_of_another_file_or_person_changes_nothing(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    append(root, Correction(wave="w2", sha256="0123456789abcdef", row_number=2, column="code", value="SUP", **BY))
    append(root, Correction(wave="w2", participant_id="P001", column="code", value="SUP", **BY))
    assert ("s1", "NOSUP", "ann") in read(con, root).segments.codings


def test_a_release_lets_a_row_in_as_it_is(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    edited = segment("s9", "int1", "SUP", participant_id="P001", text="Nobody ever helped me")
    root = write_notes(tmp_path, segments=[*SEGMENTS, edited])
    write_transcripts(root)
    (problem,) = read(con, root).problems
    assert (problem.rule, problem.status) == ("quote-altered", "open")
    append(root, Release(problem_id=problem.problem_id, **BY))
    notes = read(con, root)
    assert [(p.rule, p.status) for p in notes.problems] == [("quote-altered", "released")]
    assert "s9" in notes.segments.segments
    assert notes.tallies[-1][1].quarantined == 0


def test_a_code_that_does_not_exist_can_only_be_released_with_another(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    root = write_notes(tmp_path, segments=[*SEGMENTS, TYPO])
    (problem,) = read(con, root).problems
    append(root, Release(problem_id=problem.problem_id, **BY))
    assert [(p.rule, p.status) for p in read(con, root).problems] == [("code-unknown", "open")]
    where = {"source_id": problem.source_id, "row_number": 7, "column": "code", "value": "SUP"}
    append(root, Release(problem_id=problem.problem_id, **where, **BY))
    notes = read(con, root)
    assert notes.problems == []
    assert ("s2", "SUP", "ben") in notes.segments.codings


def test_shifted_offsets_are_released_with_the_ones_suggested(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    words = {"participant_id": "P001", "text": "Nobody helped me"}
    shifted = segment("s1", "int1", "NOSUP", start_offset="9", end_offset="25", **words)
    root = write_notes(tmp_path, segments=[shifted])
    write_transcripts(root)
    problem = next(p for p in read(con, root).problems if p.rule == "offsets-text-differs")
    run_step(Context(root, "w2", "run"))
    with pytest.raises(UsageError, match="cannot be used as it is"):
        release(root, problem.problem_id, "analyst", "seen")
    release(root, problem.problem_id, "analyst", "seen", value=problem.suggestion)
    notes = read(con, root)
    assert {p.rule for p in notes.problems} == {"one-coder"}
    (kept,) = notes.segments.segments.values()
    assert (kept.start_offset, kept.end_offset) == (6, 22)


def test_a_decision_settles_what_the_coders_differed_in(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path)

    def status() -> list[tuple[object, ...]]:
        store_notes(con, read(con, root))
        return con.execute("SELECT status FROM segment_code WHERE segment_id = 's1' AND code = 'MOT'").fetchall()

    assert status() == [("unresolved",)]
    append(root, CodingDecision(segment_id="s1", code="MOT", present=False, **BY))
    assert status() == [("rejected",)]
    assert con.execute("SELECT count(*) FROM participant_code WHERE code = 'MOT'").fetchall() == [(0,)]
    append(root, CodingDecision(segment_id="s1", code="MOT", present=True, **BY))
    assert status() == [("decided",)], "the last decision stands"
    assert con.execute("SELECT status FROM participant_code WHERE code = 'MOT' AND wave = 'w2'").fetchall() == [
        ("coded",)
    ]
    assert con.execute("SELECT count(*) FROM coding").fetchall() == [(5,)], "both coders' work stays"


def test_who_withdrew_is_left_out_of_segments_and_roster(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    con.execute("INSERT INTO withdrawn_participant VALUES ('P001')")
    con.execute("DELETE FROM participant WHERE participant_id = 'P001'")
    notes = read(con, write_notes(tmp_path))
    store_notes(con, notes)
    assert con.execute("SELECT count(*) FROM segment WHERE participant_id = 'P001'").fetchall() == [(0,)]
    assert con.execute("SELECT count(*) FROM interviewed WHERE participant_id = 'P001'").fetchall() == [(0,)]
    assert con.execute("SELECT kind, withdrawn FROM source_file WHERE withdrawn > 0 ORDER BY 1").fetchall() == [
        ("roster", 1), ("segments", 3)]  # fmt: skip
    assert [p.rule for p in notes.problems] == ["one-coder"], "ann alone is left"
