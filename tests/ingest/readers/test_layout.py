"""Long files, and files that hold several waves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.readers.desk import Desk

LONG = {"layout": "long", "item_column": "item", "value_column": "value"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w1.csv"


def test_a_long_file_becomes_a_row_a_person(desk: Desk, path: Path) -> None:
    path.write_text("pid,group,item,value\nP1,a,q1,3\nP1,a,q2,4\nP2,b,q2,5\nP2,b,q1,\n")
    staged = desk.stage(path, **LONG)
    assert [c.name for c in staged.columns] == ["pid", "group", "q1", "q2"]
    assert desk.rows(staged) == [(2, "P1", "a", "3", "4"), (4, "P2", "b", None, "5")]
    assert staged.rows == 2


def test_two_answers_of_a_person_to_one_item_stay_two_rows(desk: Desk, path: Path) -> None:
    path.write_text("pid,item,value\nP1,q1,3\nP1,q2,4\nP1,q1,5\nP2,q1,1\n")
    staged = desk.stage(path, **LONG)
    assert desk.rows(staged) == [(2, "P1", "3", "4"), (4, "P1", "5", None), (5, "P2", "1", None)]


def test_the_same_answer_twice_is_one_answer(desk: Desk, path: Path) -> None:
    path.write_text("pid,item,value\nP1,q1,3\nP1,q1,3\nP1,q2,4\n")
    assert desk.rows(desk.stage(path, **LONG)) == [(2, "P1", "3", "4")]


def test_rows_without_an_id_stay_apart(desk: Desk, path: Path) -> None:
    path.write_text("pid,item,value\n,q1,3\n,q2,4\nP1,q1,5\n")
    assert desk.rows(desk.stage(path, **LONG)) == [(2, None, "3", None), (3, None, None, "4"), (4, "P1", "5", None)]


def test_what_is_known_of_a_person_is_taken_where_it_stands(desk: Desk, path: Path) -> None:
    path.write_text("pid,age,item,value\nP1,,q1,3\nP1,41,q2,4\n")
    assert desk.rows(desk.stage(path, **LONG)) == [(2, "P1", "41", "3", "4")]


def test_a_long_file_without_its_columns_is_refused(desk: Desk, path: Path) -> None:
    path.write_text("pid,vraag,value\nP1,q1,3\n")
    assert desk.refused(path, "header-not-found", **LONG).column_name == "item"


def test_a_file_of_several_waves_gives_the_rows_of_one(desk: Desk, path: Path) -> None:
    path.write_text("pid,wave,q1\nP1,start,3\nP1,end,4\nP2, start ,5\n")
    hints = {"wave_column": "wave", "wave_value": "start"}
    staged = desk.stage(path, known_waves={"start", "end"}, **hints)
    assert desk.rows(staged) == [(2, "P1", "start", "3"), (4, "P2", "start", "5")]
    assert staged.rows == 2


def test_a_wave_that_the_study_does_not_know_refuses_the_file(desk: Desk, path: Path) -> None:
    path.write_text("pid,wave,q1\nP1,start,3\nP1,end,4\n")
    found = desk.refused(path, "wave-unknown", wave_column="wave", wave_value="start")
    assert (found.row_number, found.column_name) == (3, "wave")
    desk.refused(path, "wave-unknown", wave_column="meting", wave_value="start")


def test_a_long_file_of_several_waves(desk: Desk, path: Path) -> None:
    path.write_text("pid,wave,item,value\nP1,1,q1,3\nP1,2,q1,4\nP2,2,q1,5\n")
    staged = desk.stage(path, known_waves={"1", "2"}, wave_column="wave", wave_value="2", **LONG)
    assert desk.rows(staged) == [(3, "P1", "2", "4"), (4, "P2", "2", "5")]
