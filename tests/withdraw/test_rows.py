"""A file without some rows: every other row is as it was, under the same number."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from coprod_trust.store import open_memory
from coprod_trust.withdraw.rows import without_people, without_rows
from tests.ingest.readers.desk import Desk

FRAME = pd.DataFrame(
    {"pid": ["P001", "P002", "P003"], "prov_1": [1.0, 9.0, 3.0], "said": ["one, two", 'a "third"', "line\nbreak"]}
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_memory() as con:
        yield Desk(con)


def written(folder: Path, kind: str) -> Path:
    path = folder / f"w1.{kind}"
    labels = {"prov_1": {1.0: "not at all", 9.0: "skipped"}}
    if kind == "csv":
        FRAME.to_csv(path, index=False, sep=";", encoding="cp1252", lineterminator="\r\n")
    elif kind == "xlsx":
        FRAME.to_excel(path, index=False)
    elif kind == "sav":
        pyreadstat.write_sav(FRAME, str(path), column_labels={"prov_1": "Trust"}, variable_value_labels=labels,
                             missing_ranges={"prov_1": [9.0]})  # fmt: skip
    elif kind == "dta":
        pyreadstat.write_dta(FRAME, str(path), column_labels={"prov_1": "Trust"}, variable_value_labels=labels)
    else:
        FRAME.to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav", "dta", "parquet"])
def test_one_row_goes_and_the_others_stay_where_they_were(desk: Desk, tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind)
    staged = desk.stage(path)
    before = desk.rows(staged)
    columns = staged.columns
    made = without_rows(path, kind, lambda _t, _n, cells: "P002" in cells)
    assert made is not None
    data, gone = made
    assert gone == 1
    assert b"P002" not in data
    new = tmp_path / "new" / path.name
    new.parent.mkdir()
    new.write_bytes(data)
    again = desk.stage(new)
    after = desk.rows(again)
    assert [r for r in after if any(c is not None for c in r[1:])] == [before[0], before[2]]
    assert [(c.name, c.label, c.value_labels, c.user_missing) for c in again.columns] == [
        (c.name, c.label, c.value_labels, c.user_missing) for c in columns
    ]


def test_the_other_bytes_of_a_text_file_are_untouched(tmp_path: Path) -> None:
    path = tmp_path / "w1.csv"
    path.write_bytes(b'\xef\xbb\xbfpid,said\r\n "P001" ,"a\r\nb"\r\nP002,x\r\nP003,last')
    made = without_rows(path, "csv", lambda _t, _n, cells: "P002" in cells)
    assert made == (b'\xef\xbb\xbfpid,said\r\n "P001" ,"a\r\nb"\r\n,\r\nP003,last', 1)


def test_a_format_that_cannot_be_written_again_is_left_to_the_caller(tmp_path: Path) -> None:
    assert without_rows(tmp_path / "x.qdpx", "qdpx", lambda _t, _n, _c: True) is None


def test_people_are_taken_out_of_a_parquet_file_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "answers.parquet"
    FRAME.rename(columns={"pid": "participant_id"}).to_parquet(path)
    assert without_people(path, ["P002"]) == 1
    assert list(pd.read_parquet(path)["participant_id"]) == ["P001", "P003"]
    assert b"P002" not in path.read_bytes()


FORM = [["village", "_index"], ["North", 1], ["South", 2]]
MEMBERS = [["pid", "_index", "_parent_table_name", "_parent_index"],
           ["P001", 1, "form", 2], ["P002", 2, "form", 1], ["P003", 3, "form", 2]]  # fmt: skip
VISITS = [["mood", "_parent_table_name", "_parent_index"], [3, "members", 2], [9, "members", 3]]


def test_in_a_form_with_groups_goes_what_belongs_to_a_row_and_what_it_alone_belongs_to(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    with pd.ExcelWriter(path) as book:
        for name, rows in (("form", FORM), ("members", MEMBERS), ("visits", VISITS)):
            pd.DataFrame(rows).to_excel(book, sheet_name=name, index=False, header=False)
    made = without_rows(path, "xlsx", lambda table, n, _cells: (table, n) == ("members", 3))
    assert made is not None
    data, gone = made
    left = pd.read_excel(io.BytesIO(data), sheet_name=None, header=None, engine="calamine")
    assert gone == 3, "the person, the village where nobody else answered, and the visit to that person"
    assert left["form"][0].dropna().tolist() == ["village", "South"]
    assert left["members"][0].dropna().tolist() == ["pid", "P001", "P003"]
    assert left["visits"][0].dropna().tolist() == ["mood", 9]
