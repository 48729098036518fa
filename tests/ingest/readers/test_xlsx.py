from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.ingest.readers.desk import Desk, problem, rules

HEAD = ["pid", "q1", "q2"]


def book(path: Path, fill: Callable[[Worksheet], None]) -> Path:
    workbook = openpyxl.Workbook()
    assert isinstance(workbook.active, Worksheet)
    fill(workbook.active)
    workbook.save(path)
    return path


def sheet_of(*rows: list[object]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(row)

    return fill


def rewrite(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with one member of its archive changed."""
    with ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents[member] = change(contents[member])
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w1.xlsx"


def test_values_are_written_as_a_person_would(desk: Desk, path: Path) -> None:
    book(
        path,
        sheet_of(
            ["pid", "n", "date", "when", "yes", "text"],
            ["007", 3, dt.date(2025, 1, 13), dt.datetime.fromisoformat("2025-01-13T09:30"), True, " a "],
            ["P2", 2.5, dt.datetime.fromisoformat("2025-02-01"), None, False, "=1+1 as text"[1:]],
        ),
    )
    staged = desk.stage(path)
    assert desk.rows(staged) == [
        (2, "007", "3", "2025-01-13", "2025-01-13 09:30:00", "TRUE", "a"),
        (3, "P2", "2.5", "2025-02-01", None, "FALSE", "1+1 as text"),
    ]
    assert staged.problems == ()


def test_title_rows_and_blank_rows_keep_the_numbers_of_rows(desk: Desk, path: Path) -> None:
    staged = desk.stage(book(path, sheet_of(["Wave 1"], [], HEAD, ["P1", 1, 2], [], ["P2", 3, 4])))
    assert desk.rows(staged) == [(4, "P1", "1", "2"), (5, None, None, None), (6, "P2", "3", "4")]
    assert problem(staged, "title-rows").row_number == 1
    assert staged.header_row == 3


def test_hidden_rows_are_included_and_told(desk: Desk, path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet_of(HEAD, ["P1", 1, 2], ["P2", 3, 4])(sheet)
        sheet.row_dimensions[3].hidden = True

    staged = desk.stage(book(path, fill))
    assert [row[1] for row in desk.rows(staged)] == ["P1", "P2"]
    assert problem(staged, "cells-merged-or-hidden").row_number == 3


def test_hidden_columns_are_included_and_told(desk: Desk, path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet_of(HEAD, ["P1", 1, 2])(sheet)
        sheet.column_dimensions["C"].hidden = True

    staged = desk.stage(book(path, fill))
    assert desk.rows(staged) == [(2, "P1", "1", "2")]
    assert problem(staged, "cells-merged-or-hidden").column_name == "q2"


def test_a_filter_that_is_set_is_told_and_one_that_is_not_is_no_matter(desk: Desk, path: Path) -> None:
    def offered(sheet: Worksheet) -> None:
        sheet_of(HEAD, ["P1", 1, 2])(sheet)
        sheet.auto_filter.ref = "A1:C2"

    def used(sheet: Worksheet) -> None:
        offered(sheet)
        sheet.auto_filter.add_filter_column(1, ["1"])

    assert rules(desk.stage(book(path, offered))) == set()
    assert "filter" in problem(desk.stage(book(path, used)), "cells-merged-or-hidden").message


def test_merged_cells_are_told(desk: Desk, path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet_of(HEAD, ["P1", 1, None], ["P2", 3, 4])(sheet)
        sheet.merge_cells("B2:C2")

    assert "B2:C2" in problem(desk.stage(book(path, fill)), "cells-merged-or-hidden").message


def test_a_formula_with_a_stored_value_is_a_warning_and_one_without_a_quarantined_cell(desk: Desk, path: Path) -> None:
    book(path, sheet_of(HEAD, ["P1", "=1+1", "=2+2"], ["P2", 3, "#N/A"]))
    rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb"<f>1\+1</f>(<v ?/>|<v></v>)", b"<f>1+1</f><v>2</v>", xml),
    )
    staged = desk.stage(path)
    assert desk.rows(staged) == [(2, "P1", "2", None), (3, "P2", "3", None)]
    assert (problem(staged, "formula").column_name, problem(staged, "formula").row_number) == ("q1", 2)
    broken = [(p.row_number, p.column_name) for p in staged.problems if p.rule == "formula-without-value"]
    assert broken == [(2, "q2"), (3, "q2")]
    assert {p.severity.value for p in staged.problems if p.rule == "formula-without-value"} == {"quarantine"}


def test_text_like_a_formula_stays_text(desk: Desk, path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet_of(HEAD, ["P1", "x", "@now"])(sheet)
        sheet["B2"].value = "=cmd"
        sheet["B2"].data_type = "s"

    staged = desk.stage(book(path, fill))
    assert desk.rows(staged) == [(2, "P1", "=cmd", "@now")]
    assert {p.column_name for p in staged.problems if p.rule == "formula-like-text"} == {"q1", "q2"}


def test_several_sheets_need_a_choice(desk: Desk, path: Path) -> None:
    workbook = openpyxl.Workbook()
    assert isinstance(workbook.active, Worksheet)
    workbook.active.title = "Answers"
    sheet_of(HEAD, ["P1", 1, 2])(workbook.active)
    workbook.create_sheet("Empty")
    workbook.save(path)
    assert desk.stage(path).rows == 1
    workbook.create_sheet("Codes").append(["code", "meaning"])
    workbook.save(path)
    assert "Answers, Codes" in desk.refused(path, "sheet-not-chosen").message
    assert desk.stage(path, sheet="Answers").rows == 1
    desk.refused(path, "sheet-not-chosen", sheet="Antworten")


def test_an_empty_workbook_and_one_with_names_only_are_refused(desk: Desk, path: Path) -> None:
    desk.refused(book(path, sheet_of()), "file-empty")
    desk.refused(book(path, sheet_of(HEAD)), "file-empty")


def test_the_same_name_twice_refuses_the_file(desk: Desk, path: Path) -> None:
    desk.refused(book(path, sheet_of(["pid", "q1", "q1"], ["P1", 1, 2])), "column-name-repeated")


def test_a_workbook_cut_off_is_refused(desk: Desk, path: Path) -> None:
    book(path, sheet_of(HEAD, ["P1", 1, 2]))
    path.write_bytes(path.read_bytes()[:-400])
    desk.refused(path, "file-unreadable")


def test_a_workbook_with_a_damaged_member_is_refused(desk: Desk, path: Path) -> None:
    book(path, sheet_of(HEAD, *[["P1", i, 2] for i in range(300)]))
    with ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    data = bytearray(path.read_bytes())
    for offset in range(200, 240):
        data[info.header_offset + offset] ^= 0xFF
    path.write_bytes(data)
    desk.refused(path, "file-unreadable")


def test_a_zip_bomb_is_refused_before_it_unpacks(desk: Desk, path: Path) -> None:
    book(path, sheet_of(HEAD, ["P1", 1, 2]))
    with ZipFile(path, "a", ZIP_DEFLATED) as archive, archive.open("xl/media/bomb.xml", "w") as member:
        for _ in range(60):
            member.write(bytes(1 << 20))
    assert "unpacks to" in desk.refused(path, "file-unreadable").message


def test_a_zip_that_lies_about_its_size_is_refused(desk: Desk, path: Path) -> None:
    book(path, sheet_of(HEAD, ["P1", 1, 2]))
    with ZipFile(path, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.xml", bytes(1 << 20))
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")  # the last entry of the directory, which is the bomb's
    assert data[entry + 46 : entry + 63] == b"xl/media/bomb.xml"
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    desk.refused(path, "file-unreadable")


def test_a_workbook_that_declares_entities_is_refused(desk: Desk, path: Path) -> None:
    book(path, sheet_of(HEAD, ["P1", 1, 2]))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    rewrite(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<worksheet", bomb + b"<worksheet", 1))
    desk.refused(path, "file-unreadable")


def test_a_column_without_a_name_gets_one_and_an_empty_one_is_left_out(desk: Desk, path: Path) -> None:
    staged = desk.stage(book(path, sheet_of(["pid", None, "q1", None], ["P1", "x", 1, None], ["P2", None, 2, None])))
    assert [c.name for c in staged.columns] == ["pid", "column_2", "q1"]
    assert problem(staged, "column-unnamed").column_name == "column_2"
