from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from tests.ingest.readers.desk import Desk

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "policylab"


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    frame = pd.DataFrame(
        {
            "pid": ["P1", "P2", " P3 "],
            "q1": [1.0, 8.0, 9.0],
            "income": [1200.5, -2.0, None],
            "day": [dt.date(2025, 1, 13), None, dt.date(2025, 1, 15)],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "w1.sav"),
        column_labels={"q1": "Trust in the provider"},
        variable_value_labels={"q1": {1.0: "not at all", 8.0: "skipped", 9.0: "not asked"}},
        missing_ranges={"q1": [8.0, 9.0], "income": [{"lo": -99.0, "hi": -1.0}]},
    )
    return tmp_path / "w1.sav"


def test_spss_values_are_text_and_rows_count_as_cases(desk: Desk, sav: Path) -> None:
    staged = desk.stage(sav)
    assert desk.rows(staged) == [
        (1, "P1", "1", "1200.5", "2025-01-13"),
        (2, "P2", "8", "-2", None),
        (3, "P3", "9", None, "2025-01-15"),
    ]
    assert (staged.format, staged.header_row) == ("sav", 0)


def test_spss_labels_and_user_missing_codes_are_kept_apart(desk: Desk, sav: Path) -> None:
    columns = {c.name: c for c in desk.stage(sav).columns}
    assert columns["q1"].label == "Trust in the provider"
    assert dict(columns["q1"].value_labels) == {"1": "not at all"}
    assert dict(columns["q1"].user_missing) == {"8": "skipped", "9": "not asked"}
    assert dict(columns["income"].user_missing) == {"-2": ""}


def test_stata_missing_codes_are_written_as_stata_writes_them(desk: Desk, tmp_path: Path) -> None:
    frame = pd.DataFrame({"pid": ["a", "b", "c"], "q1": [1, "a", "b"]})
    path = tmp_path / "w1.dta"
    pyreadstat.write_dta(
        frame,
        str(path),
        column_labels={"q1": "Trust"},
        variable_value_labels={"q1": {1: "low", "a": "refused"}},
        missing_user_values={"q1": ["a", "b"]},
    )
    staged = desk.stage(path)
    assert desk.rows(staged) == [(1, "a", "1"), (2, "b", ".a"), (3, "c", ".b")]
    column = staged.columns[1]
    assert (column.label, dict(column.value_labels), dict(column.user_missing)) == (
        "Trust",
        {"1": "low"},
        {".a": "refused", ".b": ""},
    )


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_file_cut_off_is_refused(desk: Desk, sav: Path, kept: float) -> None:
    content = sav.read_bytes()
    sav.write_bytes(content[: int(len(content) * kept)])
    desk.refused(sav, "file-unreadable")


def test_a_file_without_cases_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "w1.sav"
    pyreadstat.write_sav(pd.DataFrame({"pid": pd.Series([], dtype=float)}), str(path))
    desk.refused(path, "file-empty")


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="the public files are not at ../shared/data")
def test_a_real_file_keeps_skipped_and_not_asked_apart(desk: Desk) -> None:
    staged = desk.stage(DATA / "wave5.sav")
    column = next(c for c in staged.columns if c.name == "q128_3")
    assert staged.rows == 1500
    assert dict(column.user_missing) == {"8": "skipped", "9": "not asked"}
    assert dict(column.value_labels) == {
        "1": "None of the time",
        "2": "Some of the time",
        "3": "Most of the time",
        "4": "Just about always",
    }
    counts = dict(desk.con.execute(f"SELECT q128_3, count(*) FROM {staged.table} GROUP BY 1").fetchall())
    frame, _ = pyreadstat.read_sav(str(DATA / "wave5.sav"), user_missing=True, usecols=["q128_3"])
    assert counts == {str(int(k)): v for k, v in frame["q128_3"].value_counts().items()}
