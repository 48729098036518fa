"""Small tables written as text, so that what goes in and what must come out can be read side by side."""

from __future__ import annotations

import duckdb


def table(text: str) -> list[dict[str, object]]:
    """Rows of a table with ``|`` between the cells and the names in the first line; numbers are numbers, ``-`` is
    nothing."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], map(_value, line), strict=True)) for line in lines[1:]]


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, object]]:
    """The rows of a query, as ``table`` gives them."""
    answer = con.execute(query)
    names = [d[0] for d in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _value(cell: str) -> object:
    if cell == "-":
        return None
    if cell in ("true", "false"):
        return cell == "true"
    try:
        return float(cell)
    except ValueError:
        return cell
