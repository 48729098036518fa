"""Segments with codes in columns, and several codes in a cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coprod_trust.notes.step import Notes, read_notes
from coprod_trust.store import open_memory
from coprod_trust.study import load_study
from tests.notes.study import survey, write_notes
from tests.studies import write_csv

Rows = list[dict[str, str]]


@pytest.fixture
def wide(tmp_path: Path) -> Callable[[Rows], Notes]:
    """Reads the small study with these rows as its segments."""

    def read(rows: Rows) -> Notes:
        root = write_notes(tmp_path)
        write_csv(root / "notes" / "segments.csv", rows)
        with open_memory() as con:
            survey(con)
            return read_notes(con, load_study(root), root, "w3")

    return read


def codings(notes: Notes) -> set[tuple[str, str, str]]:
    return set(notes.segments.codings)


def row(**cells: str) -> dict[str, str]:
    usual = {
        "segment_id": "s1",
        "document": "int1",
        "participant_id": "P001",
        "coder": "ann",
        "text": "Nobody helped me",
    }
    return {**usual, **cells}


def test_codes_in_columns_by_id_or_name(wide: Callable[[Rows], Notes]) -> None:
    notes = wide(
        [
            row(NOSUP="1", SUP="0", **{"Motivation falls": "x"}),
            row(coder="ben", NOSUP="yes", SUP="", **{"Motivation falls": "no"}),
            row(segment_id="s2", coder="ben", NOSUP="", SUP="", **{"Motivation falls": ""}),
        ]
    )
    assert codings(notes) == {("s1", "NOSUP", "ann"), ("s1", "MOT", "ann"), ("s1", "NOSUP", "ben")}
    assert ("s2", "ben") in notes.segments.readings, "a row without a mark was read"
    assert notes.problems == []
    tally = notes.tallies[-1][1]
    assert (tally.rows_in, tally.accepted) == (3, 3), "a row of the file counts once, whatever its number of codes"


def test_a_mark_that_nobody_can_read_is_held_and_the_row_counts(wide: Callable[[Rows], Notes]) -> None:
    notes = wide([row(NOSUP="1", SUP="maybe")])
    (problem,) = [p for p in notes.problems if p.rule == "text-unmapped"]
    assert (problem.severity, problem.row_number, problem.column_name, problem.found) == (
        "quarantine",
        2,
        "sup",
        "maybe",
    )
    assert codings(notes) == {("s1", "NOSUP", "ann")}
    assert ("s1", "ann") in notes.segments.held, "nothing is agreed while a mark of this coder waits"
    assert notes.tallies[-1][1].accepted == 1


def test_several_codes_in_a_cell(wide: Callable[[Rows], Notes]) -> None:
    notes = wide([row(code="NOSUP; MOT"), row(coder="ben", code="NOSUP")])
    assert codings(notes) == {("s1", "NOSUP", "ann"), ("s1", "MOT", "ann"), ("s1", "NOSUP", "ben")}
    assert notes.tallies[-1][1].rows_in == 2


def test_one_unknown_code_among_several_keeps_only_itself_out(wide: Callable[[Rows], Notes]) -> None:
    notes = wide([row(codes="NOSUP|MOTT")])
    (problem,) = [p for p in notes.problems if p.rule == "code-unknown"]
    assert (problem.found, problem.suggestion, problem.row_number) == ("MOTT", "MOT", 2)
    assert codings(notes) == {("s1", "NOSUP", "ann")}
    assert (notes.tallies[-1][1].accepted, notes.tallies[-1][1].quarantined) == (1, 0)


def test_a_file_without_codes_in_any_form_is_refused(wide: Callable[[Rows], Notes]) -> None:
    notes = wide([row(remark="1")])
    (problem,) = notes.refusals
    assert problem.rule == "file-type-mismatch"


# The filter before coding (design B2)


def test_the_filter_decision_and_its_reason_are_kept(wide: Callable[[Rows], Notes]) -> None:
    out = row(
        segment_id="s2", code="", kept="no", filter_reason="small talk", text="Nice weather", participant_id="P002"
    )
    notes = wide([row(code="NOSUP", kept="yes", filter_reason=""), out])
    kept = {s.segment_id: (s.kept, s.filter_reason) for s in notes.segments.segments.values()}
    assert kept == {"s1": (True, None), "s2": (False, "small talk")}


def test_a_code_on_a_statement_that_was_left_out_is_held(wide: Callable[[Rows], Notes]) -> None:
    notes = wide([row(code="NOSUP", kept="no", filter_reason="small talk")])
    (problem,) = [p for p in notes.problems if p.rule == "code-on-filtered"]
    assert (problem.severity, problem.row_number) == ("quarantine", 2)
    assert codings(notes) == set()
