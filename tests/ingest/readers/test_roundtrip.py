"""Whatever is written is read back, or the file is refused; it is never read as something else."""

from __future__ import annotations

import csv
import string
import tempfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from coprod_trust.ingest.problem import FileRefused
from coprod_trust.ingest.readers import csv_file
from coprod_trust.ingest.readers.header import SPACE
from tests.ingest.readers.desk import Desk

FAST = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LETTERS = string.ascii_letters + "éëïöüÉßñ"
CELL = st.one_of(
    st.sampled_from(["", "0", "7", "10", "3.5", "-1", "007", "P001", "2025-01-13", "1E5", " x ", "NA", "null", "#N/A"]),
    st.text(LETTERS + string.digits + " ,;|\t'\"-=@.\n", max_size=12),
)
NAME = st.text(LETTERS + "_", min_size=1, max_size=8)


@dataclass(frozen=True)
class Table:
    names: list[str]
    rows: list[list[str]]

    def expected(self) -> list[tuple[object, ...]]:
        return [(n, *[cell.strip(SPACE) or None for cell in row]) for n, row in enumerate(self.rows, 2)]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    names = draw(st.lists(NAME, min_size=2, max_size=5, unique_by=str.casefold))
    cells = st.lists(CELL, min_size=len(names), max_size=len(names))
    return Table(names, draw(st.lists(cells, min_size=1, max_size=8)))


def write(path: Path, table: Table, delimiter: str, quoting: int, encoding: str, end: str) -> None:
    with path.open("w", newline="", encoding=encoding) as handle:
        writer = csv.writer(handle, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
        writer.writerow(table.names)
        writer.writerows(table.rows)


WRITTEN = {
    "delimiter": st.sampled_from([",", ";", "\t", "|"]),
    "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    "end": st.sampled_from(["\n", "\r\n"]),
}


@FAST
@given(table=tables(), **WRITTEN)
def test_any_table_written_as_declared_csv_reads_back_the_same(
    desk: Desk, table: Table, delimiter: str, quoting: int, encoding: str, end: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w1.csv"
        write(path, table, delimiter, quoting, encoding, end)
        staged = desk.stage(path, delimiter=delimiter, encoding=encoding, header_row=1, decimal=".")
        assert [c.name for c in staged.columns] == table.names
        assert desk.rows(staged) == table.expected()


@FAST
@given(table=tables(), **WRITTEN)
def test_any_table_written_as_undeclared_csv_reads_back_the_same_or_is_refused(
    desk: Desk, table: Table, delimiter: str, quoting: int, encoding: str, end: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w1.csv"
        write(path, table, delimiter, quoting, encoding, end)
        try:
            staged = desk.stage(path, decimal=".")
        except FileRefused:
            return
        assert [c.name for c in staged.columns] == table.names
        assert desk.rows(staged) == table.expected()


@FAST
@given(table=tables(), delimiter=WRITTEN["delimiter"], quoting=WRITTEN["quoting"], end=WRITTEN["end"])
def test_both_ways_of_reading_csv_give_the_same_table(
    desk: Desk, table: Table, delimiter: str, quoting: int, end: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "w1.csv"
        write(path, table, delimiter, quoting, "utf-8", end)
        fast = desk.rows(desk.stage(path, delimiter=delimiter, header_row=1))
        patch.setattr(csv_file, "_tidy", lambda *_: False)
        assert desk.rows(desk.stage(path, delimiter=delimiter, header_row=1)) == fast


@settings(FAST, max_examples=20)
@given(table=tables())
def test_any_table_written_as_a_workbook_reads_back_the_same(desk: Desk, table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w1.xlsx"
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        assert isinstance(sheet, Worksheet)
        for r, row in enumerate([table.names, *table.rows], 1):
            for c, value in enumerate(row, 1):
                if value:
                    cell = sheet.cell(r, c)
                    cell.value = value
                    cell.data_type = "s"
        workbook.save(path)
        expected = table.expected()
        while expected and not any(row for row in table.rows[len(expected) - 1]):
            expected.pop()  # a workbook does not store cells below the last that is filled
        if not expected:
            desk.refused(path, "file-empty", header_row=1)
            return
        assert desk.rows(desk.stage(path, header_row=1, decimal=".")) == expected
