"""A correction is recorded for a cell that is there, and for no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from coprod_trust.decisions import Correction, read
from coprod_trust.errors import UsageError
from coprod_trust.lifecycle.correct import Cell, correct
from tests.studies import answers, small_study, write_csv

WHO = ("An evaluator", "the paper form says so")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_study(tmp_path / "s")


def test_a_cell_is_named_by_person_in_any_spelling_of_the_id(root: Path) -> None:
    correct(root, Cell("w1", "PROV_1", participant="p 3"), "7", *WHO)
    (found,) = read(root, Correction)
    assert (found.participant_id, found.column, found.value, found.wave) == ("P003", "prov_1", "7", "w1")
    assert found.sha256 is None


def test_a_cell_is_named_by_row_of_its_file(root: Path) -> None:
    correct(root, Cell("w1", "prov_1", row=5), None, *WHO)
    (found,) = read(root, Correction)
    assert (found.row_number, found.value) == (5, None)
    assert found.sha256


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (Cell("w9", "prov_1", participant="P003"), "no wave w9"),
        (Cell("w1", "prov_9", participant="P003"), "no such column"),
        (Cell("w1", "prov_1", participant="P099"), "do not have a row of that person"),
        (Cell("w1", "prov_1", row=99), "do not have row 99"),
        (Cell("w1", "prov_1", row=1), "do not have row 1"),
        (Cell("w1", "prov_1"), "which row is meant"),
        (Cell("w1", "prov_1", participant="P003", file="waves/w2.csv"), "no such file"),
    ],
)
def test_a_cell_that_is_not_there_is_refused(root: Path, cell: Cell, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        correct(root, cell, "7", *WHO)
    assert not (root / "decisions").exists()


def test_two_rows_of_one_person_must_be_told_apart(root: Path) -> None:
    rows = answers()["w1"]
    write_csv(root / "waves" / "w1.csv", [*rows, rows[0]])
    with pytest.raises(UsageError, match="rows 2, 16 are of that person"):
        correct(root, Cell("w1", "prov_1", participant="P001"), "7", *WHO)
    correct(root, Cell("w1", "prov_1", row=16), "7", *WHO)


def test_the_same_correction_twice_is_told(root: Path) -> None:
    correct(root, Cell("w1", "prov_1", participant="P003"), "7", *WHO)
    with pytest.raises(UsageError, match="just before"):
        correct(root, Cell("w1", "prov_1", participant="P003"), "7", *WHO)
    correct(root, Cell("w1", "prov_1", participant="P003"), "6", *WHO)


def test_who_and_why_are_never_empty(root: Path) -> None:
    with pytest.raises(UsageError, match="--why is empty"):
        correct(root, Cell("w1", "prov_1", participant="P003"), "7", "someone", " ")
