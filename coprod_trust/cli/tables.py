"""Rows of a query as a table, CSV or JSON."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, islice

import click

from coprod_trust.cli.show import plain

TABLE_ROWS = 200
_CELL = 200


def write_rows(names: Sequence[str], rows: Iterable[Sequence[object]], form: str) -> None:
    """Print rows to stdout as they come. A table shows the first 200 and says so; CSV and JSON hold all.

    In CSV, text that a spreadsheet would run as a formula is made harmless; NULL is nothing.
    """
    if form == "csv":
        from coprod_trust.store.query import spreadsheet_safe

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([spreadsheet_safe(value) for value in row] for row in rows)
    elif form == "json":
        _write_json(names, rows)
    else:
        iterator = iter(rows)
        for line in table_lines(names, list(islice(iterator, TABLE_ROWS))):
            click.echo(line)
        if next(iterator, None) is not None:
            click.echo(f"Only the first {TABLE_ROWS} rows; --format csv prints all.", err=True)


def _write_json(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        click.echo("[]")
        return
    lead = "["
    for row in chain([first], iterator):
        record = {name: _finite(value) for name, value in zip(names, row, strict=True)}
        click.echo(f"{lead}\n  {json.dumps(record, ensure_ascii=False, default=str)}", nl=False)
        lead = ","
    click.echo("\n]")


def _finite(value: object) -> object:
    """JSON knows neither NaN nor infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table_lines(names: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterable[str]:
    """Columns as wide as their widest cell, numbers to the right, NULL as nothing."""
    cells = [["" if v is None else plain(v, _CELL) for v in row] for row in rows]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(names)]
    right = [
        any(row[i] is not None for row in rows) and all(row[i] is None or _is_number(row[i]) for row in rows)
        for i in range(len(names))
    ]

    def line(values: Sequence[str]) -> str:
        return "  ".join(
            v.rjust(w) if r else v.ljust(w) for v, w, r in zip(values, widths, right, strict=True)
        ).rstrip()

    yield line(names)
    yield "  ".join("-" * w for w in widths)
    yield from (line(row) for row in cells)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
