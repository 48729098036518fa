"""The archive of a form from ODK Central: submissions, and repeating groups with what they belong to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from coprod_trust.store import open_memory
from coprod_trust.withdraw.rows import without_rows
from tests.ingest.readers.desk import Desk

FORM = [["SubmissionDate", "start", "house-street", "today", "meta-instanceID", "KEY", "SubmitterName"],
        ["2025-01-13T10:00:00.000Z", "", "North", "2025-01-13", "uuid:a", "uuid:a", "clerk"],
        ["2025-01-14T10:00:00.000Z", "", "South", "2025-01-14", "uuid:b", "uuid:b", "clerk"]]  # fmt: skip
MEMBERS = [["member-pid", "member-prov_1", "PARENT_KEY", "KEY"],
           ["P001", "7", "uuid:b", "uuid:b/members[1]"],
           ["P002", "4", "uuid:a", "uuid:a/members[1]"],
           ["P003", "5", "uuid:b", "uuid:b/members[2]"]]  # fmt: skip
VISITS = [["visit-mood", "PARENT_KEY", "KEY"],
          ["3", "uuid:b/members[2]", "uuid:b/members[2]/visits[1]"],
          ["9", "uuid:a/members[1]", "uuid:a/members[1]/visits[1]"]]  # fmt: skip


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_memory() as con:
        yield Desk(con)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return packed(tmp_path / "home.csv.zip", home=FORM, **{"home-members": MEMBERS, "home-members-visits": VISITS})


def packed(path: Path, **tables: list[list[str]]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, rows in tables.items():
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(f"{name}.csv", text.getvalue())
        archive.writestr("media/photo.jpg", b"x")
    return path


def test_the_form_is_read_and_its_groups_are_left(desk: Desk, path: Path) -> None:
    staged = desk.stage(path, preset="kobo")
    assert [c.name for c in staged.columns][2:4] == ["street", "today"]
    assert [(r[0], r[3]) for r in desk.rows(staged)] == [(2, "North"), (3, "South")]


def test_a_group_is_read_with_the_columns_of_its_form(desk: Desk, path: Path) -> None:
    staged = desk.stage(path, preset="kobo", repeat="members")
    names = [c.name for c in staged.columns]
    at = [names.index(n) + 1 for n in ("pid", "prov_1", "street", "today")]
    assert [tuple(r[i] for i in at) for r in desk.rows(staged)] == [
        ("P001", "7", "South", "2025-01-14"), ("P002", "4", "North", "2025-01-13"),
        ("P003", "5", "South", "2025-01-14"),
    ]  # fmt: skip


def test_a_group_in_a_group_has_the_columns_of_both(desk: Desk, path: Path) -> None:
    staged = desk.stage(path, preset="kobo", repeat="visits")
    names = [c.name for c in staged.columns]
    at = [names.index(n) + 1 for n in ("mood", "pid", "street")]
    assert [tuple(r[i] for i in at) for r in desk.rows(staged)] == [("3", "P003", "South"), ("9", "P002", "North")]


def test_what_cannot_be_chosen_is_told(desk: Desk, path: Path, tmp_path: Path) -> None:
    assert "home-members" in desk.refused(path, "sheet-not-chosen", preset="kobo", repeat="pets").fix
    two = packed(tmp_path / "two.zip", a=FORM, b=FORM)
    assert "not one form" in desk.refused(two, "sheet-not-chosen", preset="kobo").message
    cut = tmp_path / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-40])
    desk.refused(cut, "file-type-mismatch", preset="kobo")


def test_a_person_is_taken_out_of_every_table_and_nobody_else(path: Path) -> None:
    made = without_rows(path, "zip", lambda _t, _n, cells: "P003" in cells)
    assert made is not None
    data, gone = made
    with ZipFile(io.BytesIO(data)) as archive:
        left = {n: archive.read(n).decode() for n in archive.namelist()}
    assert gone == 2, "the person's row, and the visit to that person"
    assert "P003" not in "".join(left.values())
    assert "visits[1]" in left["home-members-visits.csv"]
    assert "uuid:b/members[2]" not in "".join(left.values())
    assert "South" in left["home.csv"], "somebody else of that house stays"
    alone = without_rows(path, "zip", lambda _t, _n, cells: "P002" in cells)
    assert alone is not None
    with ZipFile(io.BytesIO(alone[0])) as archive:
        assert "North" not in archive.read("home.csv").decode(), "nobody else answered there"
        assert archive.read("home-members.csv").decode().splitlines()[2].strip(",") == ""
