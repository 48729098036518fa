"""SPSS (.sav) and Stata (.dta): values with their labels and the codes that mean missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust.ingest.readers.header import name_columns
from coprod_trust.ingest.readers.load import Checks, Loaded, clean, insert
from coprod_trust.ingest.readers.report import Report
from coprod_trust.ingest.readers.staged import Column
from coprod_trust.study import File


def read(con: duckdb.DuckDBPyConnection, path: Path, file: File, kind: str, table: str, report: Report) -> Loaded:
    """Load an SPSS or Stata file into ``table``; rows count from 1, as those programs do. Raises FileRefused."""
    import pyreadstat

    reader = pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
    try:
        data, meta = reader(str(path), user_missing=True, output_format="dict", encoding=file.encoding)
    except UnicodeDecodeError:
        _undecidable(report)
    except pyreadstat.ReadstatError as error:
        if "string" in str(error) or "encoding" in str(error):
            _undecidable(report)
        _damaged(report)
    except (ValueError, OverflowError, OSError):
        _damaged(report)
    names = [str(name) for name in meta.column_names]
    if not names:
        report.refuse("file-empty", "the file has no variables", "variables and cases", "export it again")
    name_columns(names, None, 0, report)
    coded = meta.missing_user_values or {}
    values = [[_text(value, name in coded) for value in data[name]] for name in meta.column_names]
    rows = len(values[0])
    insert(con, table, names, zip(*values, strict=True))
    columns = tuple(_column(name, column, meta) for name, column in zip(names, values, strict=True))
    return Loaded(table, columns, 0, rows, Checks(space=False, comma=False))


def _damaged(report: Report) -> None:
    report.refuse("file-unreadable", "the file is damaged or cut off", "a whole file", "export it or send it again")


def _undecidable(report: Report) -> None:
    report.refuse(
        "encoding-undecidable",
        "the text in the file is not in the encoding that it names",
        "text in the encoding that the file names",
        "save it again as Unicode, or name its encoding under files: encoding (for example cp1252)",
    )


def _text(value: Any, coded: bool = False) -> str | None:
    """A value as text. ``coded``: text in this column is a missing code of Stata, written as Stata does: .a to .z"""
    if value is None:
        return None
    if isinstance(value, str):
        return f".{value}" if coded else clean(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    number = float(value)
    if math.isnan(number):
        return None
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _column(name: str, values: Sequence[str | None], meta: Any) -> Column:
    codes = (meta.missing_user_values or {}).get(name, [])
    stata = bool(codes)
    labels = {
        str(_text(code, stata and isinstance(code, str))): str(label)
        for code, label in meta.variable_value_labels.get(name, {}).items()
    }
    missing = _ranges(meta.missing_ranges.get(name, []), values, labels)
    missing |= {f".{code}": labels.get(f".{code}", "") for code in codes}
    return Column(
        name,
        meta.column_names_to_labels.get(name) or None,
        {code: label for code, label in labels.items() if code not in missing},
        missing,
    )


def _ranges(
    ranges: Sequence[Mapping[str, Any]], values: Sequence[str | None], labels: Mapping[str, str]
) -> dict[str, str]:
    """Codes declared as missing, one by one or as a range: those that are labelled or occur."""
    found: dict[str, str] = {}
    for bounds in ranges:
        low, high = bounds["lo"], bounds["hi"]
        if low == high:
            code = str(_text(low))
            found[code] = labels.get(code, "")
            continue
        for code in {*labels, *(v for v in values if v is not None)}:
            number = _number(code)
            if number is not None and low <= number <= high:
                found[code] = labels.get(code, "")
    return found


def _number(code: str) -> float | None:
    try:
        return float(code)
    except ValueError:
        return None
