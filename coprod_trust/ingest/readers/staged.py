"""A file as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coprod_trust.ingest.problem import Problem


@dataclass(frozen=True)
class Column:
    """A column of a file. Labels are there where the format has them; codes are text, as the values are."""

    name: str
    label: str | None = None
    value_labels: Mapping[str, str] = field(default_factory=dict)
    user_missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Staged:
    """A file as a table of text.

    ``table`` is a quoted, qualified name: ``row_number`` BIGINT (as a spreadsheet counts), then one VARCHAR column a
    column of the file, in its order and under its own name. Values stand as written, trimmed; a blank is NULL. Whole
    numbers have no ``.0``, dates are ISO. ``problems`` are warnings and quarantined cells; what refuses a file is
    raised as FileRefused. ``in_order``: the table has every row of the file, in its order. ``within``: which sheet of a
    workbook or table of an archive it is.
    """

    source_id: str
    name: str
    sha256: str
    format: str
    table: str
    columns: tuple[Column, ...]
    header_row: int
    rows: int
    in_order: bool = False
    within: str = ""
    problems: tuple[Problem, ...] = ()
