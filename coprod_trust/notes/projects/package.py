"""Opens the zip archive and the XML of REFI-QDA without trusting either.

Nothing is ever unpacked to disk, and no entity, document type or outside file is followed.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from coprod_trust.ingest.readers.report import Report

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Texts pack about four to one. What unpacks to more than this, or far beyond that, is no project of texts; recordings
# and pictures are never unpacked, so they do not count.
MAX_UNPACKED = 1 << 29
MAX_RATIO, RATIO_FROM = 250, 20 << 20
_READ = (".qde", ".txt", ".xml", ".md", ".srt", ".vtt", "")


class Package:
    """A .qdpx: ``xml`` is the project, ``read`` gives the text of a source. To be used in a ``with``."""

    def __init__(self, path: Path, report: Report) -> None:
        self.report = report
        try:
            self.archive = ZipFile(path)
        except (BadZipFile, OSError, ValueError):
            _corrupt(report, "the archive is damaged or cut off")
        self._members = {}
        for member in self.archive.infolist():
            name = member.filename.replace("\\", "/")
            if name.startswith("/") or ".." in name.split("/") or re.match(r"[a-zA-Z]:", name):
                report.refuse(
                    "file-unreadable",
                    "the archive holds a file whose path leads out of it",
                    "paths inside the archive",
                    "export the project again from the coding program; do not open this file elsewhere",
                )
            if member.flag_bits & 1:
                report.refuse(
                    "file-unreadable", "the archive has a password", "a project without one", "export it without"
                )
            self._members[name] = member
        self._check_size(path)

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def _check_size(self, path: Path) -> None:
        size = sum(m.file_size for name, m in self._members.items() if Path(name).suffix.lower() in _READ)
        if size > MAX_UNPACKED or (size > RATIO_FROM and size > MAX_RATIO * max(1, path.stat().st_size)):
            self.report.refuse(
                "file-unreadable",
                "the archive unpacks to more than any project of texts does",
                f"at most {MAX_UNPACKED >> 20} MB of text",
                "export the project again; if it truly is that large, export it in parts",
            )

    def project(self) -> Element:
        """The root of the project's XML: project.qde, or the only .qde where a program names it otherwise."""
        found = [n for n in self._members if n.lower().endswith(".qde")]
        usual = [n for n in found if n.lower() == "project.qde"]
        at_root = [n for n in found if "/" not in n]
        for names in (usual, at_root, found):
            if len(names) == 1:
                return parse(self._bytes(names[0]), self.report)
        return self.report.refuse(
            "file-type-mismatch",
            "the archive holds no project.qde",
            "a REFI-QDA project (.qdpx)",
            "export it from the coding program as a REFI-QDA project",
        )

    def read(self, path: str) -> str | None:
        """The text behind a path of the XML; None where it is not in the archive or is not text.

        ``internal://x.txt`` lies in sources/; some programs leave the prefix out. What lies outside the archive
        (``relative://``, ``absolute://``) is never opened.
        """
        scheme, _, rest = path.rpartition("://")
        if scheme not in ("", "internal"):
            return None
        name = unquote(rest).lstrip("/")
        by_folded = {n.casefold(): n for n in self._members}
        for candidate in (f"sources/{name}", name):
            if candidate.casefold() in by_folded:
                return _decode(self._bytes(by_folded[candidate.casefold()]))
        return None

    def _bytes(self, name: str) -> bytes:
        member = self._members[name]
        try:
            with self.archive.open(member) as handle:
                # One more byte than it says: a header that lies is found out before memory is full.
                data = handle.read(member.file_size + 1)
        except (BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error):
            _corrupt(self.report, "the archive is damaged or cut off")
        if len(data) > member.file_size:
            _corrupt(self.report, "the archive says less of its size than it holds")
        return data


def parse(data: bytes, report: Report) -> Element:
    """The root of an XML text; refuses document types, entities and what is not XML."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        report.refuse(
            "file-unreadable",
            "the XML declares a document type or entities, as no coding program does",
            "plain XML",
            "export it again from the coding program; do not open this file elsewhere",
        )
    except (ParseError, ValueError, LookupError):
        _corrupt(report, "the XML is damaged or cut off")
    return root


def _decode(data: bytes) -> str | None:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _as(data, encoding)
    return _as(data, "utf-8")


def _as(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _corrupt(report: Report, message: str) -> NoReturn:
    report.refuse("file-unreadable", message, "a whole file", "export it again from the coding program")
