"""Writes wave files whose bytes depend on their content alone: no clock, no machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

STAMP = (2025, 10, 6, 9, 0, 0)


@dataclass(frozen=True)
class Column:
    """A column of an SPSS file: its label, value labels, and the codes that mean missing."""

    name: str
    label: str = ""
    values: dict[float, str] = field(default_factory=dict)
    missing: tuple[float, ...] = ()
    format: str | None = None


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[dict[str, Any]], bom: bool, trailing: int = 0) -> None:
    """Semicolons, decimal commas, CRLF as Dutch Excel writes them; ``trailing`` rows of empty cells at the end."""
    lines = [";".join(columns), *(";".join(_cell(row.get(c)) for c in columns) for row in rows)]
    lines += [";" * (len(columns) - 1)] * trailing
    text = "".join(line + "\r\n" for line in lines)
    path.write_bytes(text.encode("utf-8-sig" if bom else "utf-8"))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:g}".replace(".", ",")
    elif isinstance(value, date):
        text = value.strftime("%d-%m-%Y")
    else:
        text = str(value)
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ';"\n') else text


def write_xlsx(
    path: Path,
    titles: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[dict[str, Any]],
    notes: Sequence[Sequence[str]],
    trailing: int = 0,
) -> None:
    """A workbook with a sheet 'Data' under title rows and a sheet 'Toelichting'."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.properties.created = book.properties.modified = datetime(*STAMP)  # noqa: DTZ001 (Excel's times have no zone)
    book.properties.creator = ""
    sheet = book.active
    sheet.title = "Data"
    for title in titles:
        sheet.append([title] if title else [])
    sheet.append(list(columns))
    for cell in sheet[len(titles) + 1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([row.get(c) for c in columns])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, date):
                cell.number_format = "dd-mm-yyyy"
    for _ in range(trailing):
        sheet.append([" "])
    other = book.create_sheet("Toelichting")
    for note in notes:
        other.append(list(note))
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(with_fixed_times(buffer.getvalue()))


def with_fixed_times(data: bytes) -> bytes:
    """The zip again, every member dated STAMP and uncompressed: deflate differs between zlib builds."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _fixed_modified(content)
            info = zipfile.ZipInfo(name, STAMP)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            target.writestr(info, content)
    return out.getvalue()


def _fixed_modified(core: bytes) -> bytes:
    """openpyxl writes the time of saving as 'modified'; put the fixed one there."""
    import re

    stamp = datetime(*STAMP).strftime("%Y-%m-%dT%H:%M:%SZ").encode()  # noqa: DTZ001
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, core)


def write_sav(path: Path, columns: Sequence[Column], rows: Sequence[dict[str, Any]], label: str) -> None:
    """An SPSS file with variable and value labels and user-missing codes."""
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame({c.name: [row.get(c.name) for row in rows] for c in columns})
    for column in columns:
        if column.values or column.missing:
            frame[column.name] = pd.to_numeric(frame[column.name])
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=label,
        column_labels={c.name: c.label for c in columns},
        variable_value_labels={c.name: c.values for c in columns if c.values},
        missing_ranges={c.name: list(c.missing) for c in columns if c.missing},
        variable_format={c.name: c.format for c in columns if c.format},
    )
    data = bytearray(path.read_bytes())
    data[92:109] = b"06 Oct 2509:00:00"  # creation date and time in the file's header
    path.write_bytes(bytes(data))
