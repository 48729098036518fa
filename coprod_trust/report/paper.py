"""How tables stand on paper: what many rows repeat is told once, above them.

Both work on the plain report (``plain.py``) and leave out no text: a table with ``groups`` has, for each, a line over
the whole width (``caption``, ``finding``), its rows, and its notes.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from string import ascii_lowercase
from typing import Any

Plain = dict[str, Any]
# A first cell is told once a group where at least this share of the rows repeat that of the row before.
MOST_REPEAT = 0.5
# … and as many rows are spared the repetition.
LEAST_REPEAT = 6
# A note that as many findings of a family share has a letter.
SHARED_BY = 4
# What a column needs beside its text, in characters.
PADDING = 2
# Figures are wider than letters.
WIDER_FIGURES = 1.15


def on_paper(report: Plain) -> Plain:
    """The report with the tables of findings that follow one another as one, and rows under what they share."""
    return report | {"sections": [s | {"blocks": _blocks(s["blocks"])} for s in report["sections"]]}


def _blocks(blocks: list[Plain]) -> list[Plain]:
    made: list[Plain] = []
    for (columns, _), run in groupby(blocks, key=_family):
        several = list(run)
        made += [_grouped(b) for b in several] if columns is None else [_merged(several)]
    return made


def _family(block: Plain) -> tuple[str | None, int]:
    """What tables that can stand as one have in common; no other block has it."""
    if block["kind"] == "table" and block["finding"] and not block["label"]:
        return repr(block["columns"]), 0
    return None, id(block)


def _merged(tables: list[Plain]) -> Plain:
    """One table, a group a finding; a note that several of them have stands above it, once, with a letter."""
    counted = Counter(text for t in tables for text in dict.fromkeys(s["text"] for s in t["notes"]))
    letters = {text: _letter(i) for i, text in enumerate(n for n, k in counted.items() if k >= SHARED_BY)}
    groups = [
        {
            "id": t["id"],
            "name": "",
            "caption": t["caption"],
            "finding": t["finding"],
            "to": "",
            "rows": t["rows"],
            "letters": ", ".join(dict.fromkeys(letters[s["text"]] for s in t["notes"] if s["text"] in letters)),
            "notes": [s for s in t["notes"] if s["text"] not in letters],
        }
        for t in tables
    ]
    shared = [{"letter": letter, "text": text} for text, letter in letters.items()]
    rows = [[c["text"] for c in r["cells"]] for t in tables for r in t["rows"]]
    columns = tables[0]["columns"]
    widths = [_unbroken(c, [row[i] for row in rows]) for i, c in enumerate(columns)]
    return tables[0] | {"id": "", "groups": groups, "shared": shared, "notes": [], "widths": widths}


def _unbroken(column: Plain, cells: list[str]) -> float:
    """How many characters wide a column is whose cells, but for a few, need one line."""
    lengths = sorted(len(text) for text in cells) or [0]
    wide = max(1.2 * len(column["label"]), lengths[int(0.97 * (len(lengths) - 1))])
    return wide * (WIDER_FIGURES if column["numeric"] else 1) + PADDING


def _grouped(block: Plain) -> Plain:
    """A table whose rows repeat the first cell of the row before, with that cell above them."""
    if block["kind"] == "figure" and block["numbers"]:
        return block | {"numbers": _grouped(block["numbers"])}
    if block["kind"] != "table" or len(block["columns"]) < 3:
        return block
    runs = [(first, list(rows)) for first, rows in groupby(block["rows"], key=_first)]
    if len(block["rows"]) - len(runs) < max(LEAST_REPEAT, MOST_REPEAT * len(block["rows"])):
        return block
    groups = [
        {
            "id": "",
            "name": block["columns"][0]["label"],
            "caption": rows[0]["cells"][0]["text"],
            "finding": rows[0]["finding"],
            "to": rows[0]["to"],
            "rows": [{"cells": r["cells"][1:], "finding": "", "to": ""} for r in rows],
            "letters": "",
            "notes": [],
        }
        for _, rows in runs
    ]
    return block | {
        "columns": block["columns"][1:], "widths": block["widths"][1:], "groups": groups, "shared": []
    }  # fmt: skip


def _first(row: Plain) -> tuple[str, str]:
    return row["cells"][0]["text"], row["finding"]


def _letter(i: int) -> str:
    """a, b, … z, aa, ab, …"""
    return ascii_lowercase[i] if i < len(ascii_lowercase) else _letter(i // 26 - 1) + ascii_lowercase[i % 26]
