"""What a sheet's XML says beside its values: hidden, filtered and merged cells, formulae and errors."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
# Without any of these in its text a sheet has nothing to tell, and its XML need not be parsed.
_TELLING = (b"<f>", b"<f ", b"<f/", b'hidden="', b"mergeCell ", b"autoFilter", b't="e"', b":f>", b":f ")


@dataclass(frozen=True)
class Marks:
    """Rows and columns count from 1; cells are (row, column)."""

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    filtered: bool = False
    merged: tuple[str, ...] = ()
    formulas: tuple[tuple[int, int], ...] = ()
    without_value: tuple[tuple[int, int], ...] = ()


def letters(number: int) -> str:
    """A column's letters: 1 is A, 27 is AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def number_of(text: str) -> int:
    """A column's number: A is 1, AA is 27."""
    number = 0
    for sign in text:
        number = number * 26 + ord(sign) - 64
    return number


def marks_of(path: Path, sheet: str) -> Marks:
    """The marks of a sheet. Raises defusedxml's exceptions for XML that is damaged or declares entities."""
    from defusedxml.ElementTree import iterparse

    with ZipFile(path) as archive:
        member = _member(archive, sheet)
        body = archive.read(member)
        if not any(sign in body for sign in (*_TELLING, b"<!")):
            return Marks()
        collected = _Collector()
        with archive.open(member) as handle:
            for event, element in iterparse(handle, events=("start", "end")):
                collected.take(event, element)
    return collected.marks()


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _member(archive: ZipFile, sheet: str) -> str:
    """The archive member that holds a sheet."""
    from defusedxml.ElementTree import fromstring

    book = fromstring(archive.read("xl/workbook.xml"))
    key = next(
        value
        for element in book.iter()
        if _local(element) == "sheet" and element.get("name") == sheet
        for name, value in element.attrib.items()
        if name.endswith("}id")
    )
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next(str(r.get("Target")) for r in relations.iter() if r.get("Id") == key)
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


class _Collector:
    """Gathers marks from the events of a sheet's XML, and lets go of what it has seen."""

    def __init__(self) -> None:
        self.row = self.column = 0
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[int] = []
        self.filtered = False
        self.merged: list[str] = []
        self.formulas: list[tuple[int, int]] = []
        self.without_value: list[tuple[int, int]] = []

    def take(self, event: str, element: Any) -> None:
        tag = _local(element)
        if event == "start":
            if tag == "row":
                self.row = int(element.get("r") or self.row + 1)
                self.column = 0
                if element.get("hidden") in ("1", "true"):
                    self.hidden_rows.append(self.row)
            return
        if tag == "c":
            self._cell(element)
        elif tag == "row":
            element.clear()
        elif tag == "col" and element.get("hidden") in ("1", "true"):
            last = min(int(element.get("max")), int(element.get("min")) + 50)
            self.hidden_columns += range(int(element.get("min")), last + 1)
        elif tag == "filterColumn":
            self.filtered = True
        elif tag == "mergeCell":
            self.merged.append(str(element.get("ref")))

    def _cell(self, element: Any) -> None:
        reference = _REFERENCE.fullmatch(element.get("r") or "")
        self.column = number_of(reference[1]) if reference else self.column + 1
        formula = value = False
        for child in element:
            formula = formula or _local(child) == "f"
            value = value or (_local(child) == "v" and bool(child.text))
        if element.get("t") == "e" or (formula and not value and element.get("t") != "str"):
            self.without_value.append((self.row, self.column))
        elif formula:
            self.formulas.append((self.row, self.column))

    def marks(self) -> Marks:
        return Marks(
            tuple(self.hidden_rows),
            tuple(self.hidden_columns),
            self.filtered,
            tuple(self.merged),
            tuple(self.formulas),
            tuple(self.without_value),
        )
