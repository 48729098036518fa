"""Archives from outside: looked at before anything in them is read."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

from coprod_trust.ingest.readers.report import Report

# Answers pack about twenty to one. What unpacks to more than this, or far beyond that, is no survey.
MAX_UNPACKED = 1 << 30
MAX_RATIO, RATIO_FROM = 250, 50 << 20


def safe_to_unpack(path: Path, report: Report, what: str = "archive") -> None:
    """Refuse an archive or workbook that is damaged, or that unpacks to more than any survey does."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            packed = max(1, path.stat().st_size)
            if size > MAX_UNPACKED or (size > RATIO_FROM and size > MAX_RATIO * packed):
                report.refuse(
                    "file-unreadable",
                    f"the {what} unpacks to {size >> 20} MB",
                    f"at most {MAX_UNPACKED >> 20} MB, and at most {MAX_RATIO} times its packed size",
                    "save the table as CSV and hand in that",
                )
            # Reads every member through to its checksum: what the directory says of its size is then true.
            broken = archive.testzip()
    except (BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, ZlibError):
        broken = "the archive"
    if broken is not None:
        damaged(report, what)


def damaged(report: Report, what: str) -> None:
    """Refuse what cannot be opened."""
    report.refuse(
        "file-unreadable",
        f"the {what} is damaged or cut off",
        f"a {what} that opens in the program that it is from",
        "open it, save it again as .xlsx and hand in that copy" if what == "workbook" else "download it again",
    )
