"""Which format a file is, by its ending and by its first bytes: the two must agree."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from coprod_trust.ingest.readers.report import Report

Format = Literal["csv", "xlsx", "sav", "dta", "parquet", "zip"]
ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".sav": "sav",
    ".zsav": "sav",
    ".dta": "dta",
    ".parquet": "parquet",
    ".zip": "zip",
}
TITLES: dict[str, str] = {
    "csv": "delimited text (CSV)",
    "xlsx": "an Excel workbook (.xlsx)",
    "sav": "an SPSS file (.sav)",
    "dta": "a Stata file (.dta)",
    "parquet": "a Parquet file",
    "xls": "an old Excel workbook (.xls)",
    "encrypted": "an Office file with a password",
    "zip": "a zip archive that is no Excel workbook",
    "gzip": "a gzip archive",
    "pdf": "a PDF",
    "html": "a web page",
    "json": "JSON",
    "sqlite": "an SQLite database",
    "portable": "an SPSS portable file (.por)",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sniff(path: Path) -> str:
    """What the bytes say the file is; 'csv' for anything that has no mark of its own."""
    with path.open("rb") as handle:
        head = handle.read(4096)
        if head.startswith(_OLE):
            return "encrypted" if "EncryptedPackage".encode("utf-16-le") in head + handle.read() else "xls"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path)
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if head.startswith(b"<stata_dta>") or (head[:1] in (b"\x6f", b"\x71", b"\x72", b"\x73") and head[1:3] in _DTA):
        return "dta"
    marks = ((b"PAR1", "parquet"), (b"\x1f\x8b", "gzip"), (b"%PDF", "pdf"), (b"SQLite format 3", "sqlite"))
    for mark, what in marks:
        if head.startswith(mark):
            return what
    if b"SPSSPORT" in head[:600]:
        return "portable"
    if start.startswith((b"<!doctype html", b"<html", b"<?xml", b"<table")):
        return "html"
    if start.startswith((b"{", b"[{")):
        return "json"
    return "csv"


# Byte order and file type of Stata files before version 13.
_DTA = (b"\x01\x01", b"\x02\x01")


def _zip(path: Path) -> str:
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError):
        return "xlsx"  # cut off or damaged: the reader of workbooks says so
    return "xlsx" if "xl/workbook.xml" in names else "zip"


def format_of(path: Path, name: str, hint: Format | None, report: Report) -> Format:
    """The format of a file; refuses one that is empty, of a type that cannot be read, or not what it claims."""
    if path.stat().st_size == 0:
        report.refuse(
            "file-empty", "the file is empty (0 bytes)", "a row of column names and rows of answers", "export it again"
        )
    claimed = hint or ENDINGS.get(Path(name).suffix.lower())
    found = sniff(path)
    if found == "encrypted":
        report.refuse(
            "file-unreadable",
            "the file has a password",
            "a file that opens without one",
            "open it, take the password off (File, Info, Protect) and hand in that copy",
        )
    if claimed is None:
        report.refuse(
            "file-type-mismatch",
            "its ending says nothing about its format",
            "an ending of " + ", ".join(ENDINGS),
            "rename the file, or name its format under files: format",
        )
    if found != claimed:
        report.refuse(
            "file-type-mismatch",
            f"it claims to be {TITLES[claimed]} and is {TITLES[found]}",
            TITLES[claimed],
            "save it as .xlsx or CSV and hand in that copy"
            if found in ("xls", "zip")
            else "correct its ending, or export it again",
        )
    return claimed
