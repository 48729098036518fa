from __future__ import annotations

import gzip
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.ingest.readers.desk import Desk


def zip_of(path: Path, **members: str) -> Path:
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("w1.xlsx", b"pid,q1\nP1,3\n", "delimited text"),
        ("w1.csv", b"%PDF-1.7 ...", "a PDF"),
        ("w1.csv", b"<!DOCTYPE html><html>", "a web page"),
        ("w1.csv", b'{"pid": 1}', "JSON"),
        ("w1.csv", gzip.compress(b"pid,q1\nP1,3\n", mtime=0), "gzip"),
        ("w1.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        ("w1.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        ("w1.sav", b"PAR1....PAR1", "Parquet"),
        ("w1.dta", b"$FL2@(#) SPSS", "SPSS"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused(
    desk: Desk, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert says in desk.refused(tmp_path / name, "file-type-mismatch").message


def test_a_zip_that_is_no_workbook_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "w1.xlsx", **{"content.xml": "<x/>"})
    assert "no Excel workbook" in desk.refused(path, "file-type-mismatch").message


def test_bytes_that_are_no_text_are_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "w1.csv").write_bytes(bytes(range(256)) * 4)
    desk.refused(tmp_path / "w1.csv", "file-type-mismatch")


def test_an_ending_that_says_nothing_needs_a_declared_format(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "w1.dat"
    path.write_text("pid,q1\nP1,3\n")
    desk.refused(path, "file-type-mismatch")
    assert desk.stage(path, format="csv").rows == 1


def test_a_workbook_with_a_password_is_refused_as_such(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "w1.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    assert "password" in desk.refused(path, "file-unreadable").message
