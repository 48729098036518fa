"""Exports of survey platforms: which one a file comes from, and REDCap's own description of its questions."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from coprod_trust.ingest.readers.presets import Preset, recognise

# Qualtrics' Status of a row that nobody answered in earnest: previews, tests and what it takes for spam.
QUALTRICS_TESTS = ("Survey Preview", "Survey Test", "Spam", "Survey Preview Spam", "Imported Spam",
                   "Offline Survey Preview", "1", "2", "8", "9", "12", "17", "40")  # fmt: skip
_LOOKED_AT = 1 << 20


@dataclass(frozen=True)
class Described:
    """A question as REDCap's data dictionary has it."""

    label: str
    value_labels: Mapping[str, str] = field(default_factory=dict)
    identifier: bool = False


@dataclass(frozen=True)
class Definitions:
    """What the definition files among those handed in say: the questions by name, and the events in their order."""

    questions: Mapping[str, Described] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def platform_of(path: Path) -> Preset | None:
    """The platform that a file was exported from, by its first rows; None: none that is known."""
    return next((p for rows in _beginnings(path) if rows and (p := recognise(rows[0], rows[1:]))), None)


def groups_of(path: Path) -> list[str]:
    """The repeating groups of a form: of Kobo's workbook those sheets, of ODK Central's archive those tables, without
    the name of the form."""
    if path.suffix.lower() == ".zip":
        from zipfile import BadZipFile

        from coprod_trust.ingest.readers.central_zip import tables_of

        try:
            tables = tables_of(path)
        except (BadZipFile, UnicodeDecodeError, csv.Error, OSError):
            return []
        forms = [name for name, rows in tables.items() if rows and "PARENT_KEY" not in rows[0]]
        groups = [name for name, rows in tables.items() if rows and "PARENT_KEY" in rows[0]]
        return [g.removeprefix(f"{forms[0]}-") if len(forms) == 1 else g for g in groups]
    if path.suffix.lower() not in (".xlsx", ".xlsm") or platform_of(path) != "kobo":
        return []
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(str(path)) as book:
        firsts = {n: next(iter(book.get_sheet_by_name(n).to_python(nrows=1)), []) for n in book.sheet_names}
    return [name for name, first in firsts.items() if "_parent_index" in map(str, first)]


def split_definitions(files: Sequence[Path]) -> tuple[list[Path], Definitions]:
    """The survey files, and what REDCap's data dictionary and lists of events and arms among them say."""
    surveys: list[Path] = []
    questions: dict[str, Described] = {}
    events: dict[str, str] = {}
    known: list[Path] = []
    for path in files:
        rows = next(iter(_beginnings(path, whole=True)), []) if path.suffix.lower() == ".csv" else []
        head = [cell.strip().casefold() for cell in rows[0]] if rows else []
        records = [dict(zip(head, row, strict=False)) for row in rows[1:]]
        if "variable / field name" in head and "field type" in head:
            questions |= _questions(records)
        elif {"field_name", "form_name", "field_type"} <= set(head):
            questions |= _questions([{_API.get(k, k): v for k, v in r.items()} for r in records])
        elif "unique_event_name" in head:
            events |= {r["unique_event_name"]: r.get("event_name", "") for r in records}
        elif head != ["arm_num", "name"]:
            surveys.append(path)
            continue
        known.append(path)
    return surveys, Definitions(questions, events, tuple(known))


# The same columns, as REDCap's API names them.
_API = {
    "field_name": "variable / field name",
    "field_type": "field type",
    "field_label": "field label",
    "select_choices_or_calculations": "choices, calculations, or slider labels",
    "identifier": "identifier?",
}


def _questions(records: Sequence[Mapping[str, str]]) -> dict[str, Described]:
    found: dict[str, Described] = {}
    for r in records:
        name, kind = r.get("variable / field name", ""), r.get("field type", "")
        label = " ".join(re.sub(r"<[^>]*>", " ", r.get("field label", "")).split())
        choices = _choices(r.get("choices, calculations, or slider labels", "")) if kind in _CHOOSING else {}
        if kind in ("yesno", "truefalse"):
            choices = {"1": "Yes", "0": "No"} if kind == "yesno" else {"1": "True", "0": "False"}
        identifier = r.get("identifier?", "").strip().casefold() == "y"
        if kind == "checkbox":
            for code, choice in choices.items():
                text = {"0": "Unchecked", "1": "Checked"}
                found[f"{name}___{code.casefold()}"] = Described(f"{label}: {choice}", text, identifier)
        elif name:
            found[name] = Described(label, choices, identifier)
    return found


_CHOOSING = ("radio", "dropdown", "checkbox")


def _choices(text: str) -> dict[str, str]:
    """'1, Not at all | 2, A little' as code: label."""
    pairs = [part.split(",", 1) for part in text.split("|") if "," in part]
    return {code.strip(): label.strip() for code, label in pairs}


def _beginnings(path: Path, whole: bool = False) -> list[list[list[str]]]:
    """The first rows of a text file, or of each sheet of a workbook; nothing where it cannot be read so."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError

        try:
            with CalamineWorkbook.from_path(str(path)) as book:
                sheets = [book.get_sheet_by_name(name).to_python(nrows=3) for name in book.sheet_names]
        except (CalamineError, PasswordError, OSError):
            return []
        return [[[str(cell) for cell in row] for row in rows] for rows in sheets]
    if path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        return []
    with path.open("rb") as handle:
        text = handle.read(-1 if whole else _LOOKED_AT).decode("utf-8-sig", errors="replace")
    csv.field_size_limit(1 << 24)
    best: list[list[str]] = []
    for delimiter in ",;\t":
        try:
            rows = [
                r
                for _, r in zip(
                    range(100_000 if whole else 3), csv.reader(StringIO(text), delimiter=delimiter), strict=False
                )
            ]
        except csv.Error:
            continue
        if rows and (not best or len(rows[0]) > len(best[0])):
            best = rows
    return [best] if best else []
