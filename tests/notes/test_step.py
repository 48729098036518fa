"""From files to tables: what is coded, who was interviewed, and that every row is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod_trust.errors import StudyError
from coprod_trust.ingest import archive
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.notes.step import read_notes, run_step, store_notes
from coprod_trust.steps import Context
from coprod_trust.store import open_memory, open_work
from coprod_trust.study import load_study
from tests.notes.study import CODEBOOK, DOCUMENTS, ROSTER, SEGMENTS, segment, survey, write_notes, write_transcripts
from tests.studies import small_study


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        survey(connection)
        yield connection


def load(con: duckdb.DuckDBPyConnection, root: Path, wave: str = "w3") -> list[str]:
    """Store the notes; the rules that had something to say."""
    study = load_study(root)
    notes = read_notes(con, study, root, wave)
    store_notes(con, notes)
    return sorted(p.rule for p in notes.problems)


def query(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return con.execute(sql).fetchall()


def test_a_study_without_notes_is_fine(tmp_path: Path) -> None:
    root = small_study(tmp_path / "study")
    counts = run_step(Context(root, "w1", "run"))
    assert counts["segments"] == counts["codes"] == counts["problems"] == 0


def test_reconciliation_marks_what_agreed_what_is_single_and_what_is_open(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load(con, write_notes(tmp_path))
    assert query(con, "SELECT segment_id, code, status, n_coders, n_applied FROM segment_code ORDER BY ALL") == [
        ("s1", "MOT", "unresolved", 2, 1),
        ("s1", "NOSUP", "agreed", 2, 2),
        ("s2", "SUP", "single", 1, 1),
        ("s3", "NOSUP", "single", 1, 1),
    ]
    assert query(con, "SELECT count(*) FROM coding") == [(5,)], "both coders' work stays"


def test_coded_and_unresolved_are_told_apart_by_person(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    load(con, write_notes(tmp_path))
    assert query(
        con, "SELECT participant_id, code, status, single_only FROM participant_code WHERE wave = 'w2' ORDER BY ALL"
    ) == [
        ("P001", "MOT", "unresolved", False),
        ("P001", "NOSUP", "coded", False),
        ("P002", "SUP", "coded", True),
        ("P005", "NOSUP", "coded", True),
    ]


def test_interviewed_are_those_with_an_interview_of_their_own_and_identified_speakers(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load(con, write_notes(tmp_path))
    rows = query(con, "SELECT participant_id, own_interview, n_segments FROM interviewed WHERE wave = 'w2' ORDER BY 1")
    assert rows == [
        ("P001", True, 1),
        ("P002", True, 1),
        ("P003", True, 0),
        ("P004", True, 0),
        ("P005", False, 1),
    ], "P006 sat in the focus group in silence: not interviewed"
    assert query(con, "SELECT count(*) FROM interviewed WHERE wave = 'w1'") == [(0,)]
    assert query(con, "SELECT count(*) FROM interviewed WHERE wave = 'w3'") == [(5,)]


def test_professionals_are_neither_interviewed_nor_coded_also_where_they_have_an_id(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    there = {"document": "int4", "participant_id": "P009", "speaker": "Coach", "role": "professional", "spoke": "yes"}
    words = segment("s7", "int4", "SUP", speaker="Coach", text="We do help")
    load(con, write_notes(tmp_path, roster=[*ROSTER, there], segments=[*SEGMENTS, words]))
    assert query(con, "SELECT participant_id FROM segment WHERE segment_id = 's7'") == [("P009",)]
    assert query(con, "SELECT count(*) FROM interviewed WHERE participant_id = 'P009'") == [(0,)]
    assert query(con, "SELECT count(*) FROM participant_code WHERE participant_id = 'P009'") == [(0,)]


def test_what_was_said_stays_said_at_later_waves(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    later = segment("s9", "int2", "MOT", participant_id="P002", wave="w3", text="Later")
    load(con, write_notes(tmp_path, segments=[*SEGMENTS, later]))
    by_wave = "SELECT wave, code, n_segments FROM participant_code WHERE participant_id = 'P002' ORDER BY ALL"
    assert query(con, by_wave) == [("w2", "SUP", 1), ("w3", "MOT", 1), ("w3", "SUP", 1)]


def test_a_coder_who_read_and_gave_no_code_keeps_a_code_from_counting(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    read = segment("s2", "int2", "", "ben", participant_id="P002")
    load(con, write_notes(tmp_path, segments=[*SEGMENTS, read]))
    assert query(con, "SELECT status FROM segment_code WHERE segment_id = 's2'") == [("unresolved",)]
    assert query(con, "SELECT count(*) FROM coding WHERE segment_id = 's2'") == [(1,)]


def test_segments_of_later_waves_are_not_there_yet(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(
        tmp_path, segments=[*SEGMENTS, segment("s9", "int3", "SUP", participant_id="P003", wave="w3", text="Later")]
    )
    load(con, root, "w2")
    assert query(con, "SELECT segment_id FROM segment ORDER BY 1") == [("s1",), ("s2",), ("s3",)]
    assert query(con, "SELECT rows_in, accepted FROM source_file WHERE kind = 'segments'") == [(5, 5)]
    load(con, root, "w1")
    assert query(con, "SELECT count(*) FROM segment") == [(0,)]
    assert query(con, "SELECT count(*) FROM document") == [(0,)]


def test_ids_meet_the_survey_however_they_are_typed(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [segment("s1", "int1", "SUP", participant_id=" p1 ", text="Yes")]
    assert "participant-not-in-survey" not in load(con, write_notes(tmp_path, segments=rows))
    assert query(con, "SELECT participant_id FROM segment") == [("P001",)]


def test_the_wave_follows_from_the_date_of_the_document(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    documents = [{**d, "wave": ""} for d in DOCUMENTS]
    load(con, write_notes(tmp_path, documents=documents))
    assert query(con, "SELECT DISTINCT wave FROM segment") == [("w2",)]


def test_rows_in_are_the_sum_of_what_became_of_them(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    blank = dict.fromkeys(SEGMENTS[0], "")
    bad = segment("s8", "int3", "SUPP", participant_id="P003", text="They did help")
    load(con, write_notes(tmp_path, segments=[*SEGMENTS, SEGMENTS[0], blank, bad]))
    assert query(
        con, "SELECT rows_in, accepted, quarantined, duplicates, blank FROM source_file WHERE kind = 'segments'"
    ) == [(8, 5, 1, 1, 1)]


def test_reading_again_changes_nothing(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    tables = ("code", "document", "roster", "guide", "segment", "coding", "segment_code", "interviewed", "problem")
    load(con, root)
    first = [query(con, f"SELECT * FROM {t} ORDER BY ALL") for t in tables]
    load(con, root)
    assert [query(con, f"SELECT * FROM {t} ORDER BY ALL") for t in tables] == first
    assert query(con, "SELECT count(*) FROM source_file") == [(5,)]


def test_a_refused_codebook_changes_nothing_but_the_archive(tmp_path: Path) -> None:
    root = write_notes(tmp_path, codebook=[*CODEBOOK, CODEBOOK[0]])
    context = Context(root, "w2", "run")
    with pytest.raises(FileRefused, match=r"codebook\.csv, row 5, column code: the code stands already in row 2"):
        run_step(context)
    assert {e.kind for e in archive.entries(context.paths)} == {"refused"}
    assert all(archive.is_kept(context.paths, e.sha256) for e in archive.entries(context.paths))
    with open_work(context.paths) as con:
        assert query(con, "SELECT count(*) FROM segment") == [(0,)]


def test_a_file_that_the_study_names_must_be_there(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_notes(tmp_path)
    (root / "notes" / "segments.csv").unlink()
    with pytest.raises(StudyError, match="no such file of coded segments"):
        load(con, root)


def test_no_message_holds_what_was_found(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    secret = "Jansen"
    rows = [
        segment("s1", "int1", secret, participant_id=secret, speaker=secret, text="Yes"),
        segment("s2", "int1", "SUP", wave=secret),
    ]
    root = write_notes(tmp_path, segments=rows)
    notes = read_notes(con, load_study(root), root, "w3")
    assert notes.problems
    for p in notes.problems:
        assert secret not in f"{p!r}{p.message}{p.expected}{p.fix}{p.where}"


CELLS = {
    "segment_id": ["s1", "s2", "S2", ""],
    "document": ["int1", "int2", "fg1", "elsewhere", ""],
    "start_offset": ["", "6", "9", "-1", "x", "999999"],
    "end_offset": ["", "22", "9", "3"],
    "participant_id": ["", "p1", "P002", "P099", "?"],
    "speaker": ["", "R1", "Staff", "R9"],
    "speaker_role": ["", "citizen", "professional", "mayor"],
    "wave": ["", "w1", "w2", "w3"],
    "code": ["", "SUP", "NOSUP", "MOT", "SUPP"],
    "coder": ["", "ann", "ben", "Ben"],
    "consent_quote": ["", "yes", "no", "withdrawn", "maybe"],
    "text": ["", "Nobody helped me", "They always helped me", "Nobody helped me at all, never"],
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.fixed_dictionaries({k: st.sampled_from(v) for k, v in CELLS.items()}), min_size=1, max_size=12),
    wave=st.sampled_from(["w1", "w2", "w3"]),
)
def test_whatever_the_rows_hold_each_is_accounted_for_and_the_tables_agree(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, rows: list[dict[str, str]], wave: str
) -> None:
    root = write_notes(tmp_path, segments=[{**row, "aside": "x"} for row in rows])
    write_transcripts(root)
    study = load_study(root)
    notes = read_notes(con, study, root, wave)
    _, tally = notes.tallies[-1]
    assert tally.rows_in + tally.later == len(rows)
    assert tally.accepted + tally.duplicates >= len(notes.segments.codings)
    store_notes(con, notes)
    assert query(con, "SELECT count(*) FROM coding ANTI JOIN segment USING (segment_id)") == [(0,)]
    assert query(con, "SELECT count(*) FROM coding ANTI JOIN segment_coder USING (segment_id, coder)") == [(0,)]
    assert query(con, "SELECT count(*) FROM coding ANTI JOIN segment_code USING (segment_id, code)") == [(0,)]
    assert query(con, "SELECT count(*) FROM participant_code ANTI JOIN interviewed USING (participant_id, wave)") == [
        (0,)
    ]
    later = [w for w in ("w1", "w2", "w3") if w > wave]
    assert query(con, f"SELECT count(*) FROM segment WHERE wave IN {later or ['']}") == [(0,)]
