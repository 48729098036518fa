"""How tables stand on paper: what many rows repeat is told once, above them.

Both work on the plain report (``plain.py``) and leave out no text: a table with ``groups`` has, for each, a line over
the whole width (``caption``, ``finding``), its rows, and its notes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from string import ascii_lowercase
from typing import Any

from coprod_trust.report.plain import PAGE

Plain = dict[str, Any]
# A first cell is told once a group where at least this share of the rows repeat that of the row before.
MOST_REPEAT = 0.5
# … and as many rows are spared the repetition.
LEAST_REPEAT = 6
# A note that as many findings of a family share has a letter.
SHARED_BY = 4
# Letters of a table in points: the largest, and the smallest.
LARGEST, SMALLEST = 8.0, 5.8
# In points: between the margins of the page, left and right inside a cell together, what more is left of texts beside
# numbers, and a letter of a finding's mark (templates/report.typ).
WIDTH, MARGINS, GAP, MARK = (21.0 - 2 * 2.0) / 2.54 * 72, 5.0, 5.0, 3.0
# How wide characters of Libertinus Serif are, of its size; others are MIDDLE. How much wider they are in bold.
MIDDLE, BOLD = 0.51, 1.06
_ADVANCE = {
    char: width
    for width, chars in (
        (0.26, " \u00a0,.;:'’ijl|"),
        (0.32, "()[]-/ftI"),
        (0.39, "rs"),
        (0.47, "0123456789aceëéz"),
        (0.55, "−–+=<>EFSTLPY"),
        (0.67, "ABCDGHKNOQRUVX%"),
        (0.79, "mwMW"),
    )
    for char in chars
}
# A header weighs as much as so many cells.
HEADER = 2
# How much longer a text is for being broken into lines between its words.
SLACK = 1.12


def on_paper(report: Plain) -> Plain:
    """The report with the tables of findings that follow one another as one, and rows under what they share; each table
    has the size of its letters and the widths of its columns, in points."""
    return report | {
        "sections": [s | {"blocks": [_sized(b) for b in _blocks(s["blocks"])]} for s in report["sections"]]
    }


def _sized(block: Plain) -> Plain:
    if block["kind"] == "figure" and block["numbers"]:
        return block | {"numbers": _sized(block["numbers"])}
    if block["kind"] != "table":
        return block
    rows = [row for g in block["groups"] for row in g["rows"]] if "groups" in block else block["rows"]
    wished = min(max(block.get("size", LARGEST * PAGE / max(sum(block["widths"]), 1)), SMALLEST), LARGEST)
    columns = range(len(block["columns"]))
    margins = [MARGINS + gap for gap in _gaps(block["columns"])]
    room = WIDTH - sum(margins)
    texts = [[row["cells"][i] for row in rows] for i in columns]
    pieces = [_longest_piece(c["label"], of) for c, of in zip(block["columns"], texts, strict=True)]
    for size in (wished, *(s for s in (7.0, 6.5, SMALLEST) if s < wished)):
        least = [size * piece for piece in pieces]
        if sum(least) <= room:
            break
    lengths = [[size * _em(cell["text"]) for cell in of] for of in texts]
    lengths[0] = [long + MARK * len(row["finding"]) for long, row in zip(lengths[0], rows, strict=True)]
    for column, header in zip(lengths, block["columns"], strict=True):
        column += [size * BOLD * _em(header["label"])] * HEADER
    widths = fewest_lines(lengths, least, room)
    widths = [w + m for w, m in zip(widths, margins, strict=True)]
    return block | {
        "size": size,
        "widths": [WIDTH / sum(widths) * w for w in widths],
        "left": [m - MARGINS / 2 for m in margins],
    }


def _gaps(columns: Sequence[Plain]) -> list[float]:
    """Numbers end where a text beside them begins: a column of texts keeps away from one of numbers."""
    before = [False, *(c["numeric"] for c in columns)]
    return [GAP if number and not c["numeric"] else 0.0 for number, c in zip(before, columns, strict=False)]


def _longest_piece(label: str, cells: Sequence[Plain]) -> float:
    """The longest piece of a column that must not break: a word, or figures with what belongs to them."""
    words = [BOLD * _em(word) for word in label.split()]
    return max([0.0, *words, *(_em(piece) for c in cells if not c["hash"] for piece in c["text"].split(" "))])


@cache
def _em(text: str) -> float:
    """How long a text in Libertinus Serif is, of its size."""
    return sum(_ADVANCE.get(char, MIDDLE) for char in text)


def fewest_lines(cells: Sequence[Sequence[float]], least: Sequence[float], room: float) -> list[float]:
    """How wide each column is where all may be ``room`` wide together and none less than ``least``.

    ``cells`` are the lengths of each column's texts, set on one line. Of all widths at which some text takes one, two,
    three or four lines, those are taken with the least ``burden`` in all. Where ``least`` alone is more than
    there is room for, it is what they get.
    """
    best: list[tuple[float, float, list[float]]] = [(0.0, 0.0, [])]
    for texts, narrowest in zip(cells, least, strict=True):
        counted = Counter(math.ceil(text) for text in texts)
        ends = {text * (1 if k == 1 else SLACK) / k for text in counted for k in (1, 2, 3, 4)}
        tried = sorted({narrowest, *(end for end in ends if end > narrowest)})
        options = [(w, sum(n * burden(text, w) for text, n in counted.items())) for w in tried]
        added = sorted((wide + w, n + m, [*widths, w]) for wide, n, widths in best for w, m in options)
        best = []
        for wide, n, widths in added:
            if not best or (wide <= room and n < best[-1][1]):
                best.append((wide, n, widths))
    return best[-1][2]


def burden(text: float, width: float) -> int:
    """1 for a text on one line, 2 on two, 4 on three, 7 on four: a broken line is not filled to its end, and one text
    that is broken often makes its whole row tall."""
    lines = 1 if text <= width else max(2, math.ceil(SLACK * text / width))
    return 1 + lines * (lines - 1) // 2


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
    return tables[0] | {"id": "", "groups": groups, "shared": shared, "notes": [], "size": SMALLEST}


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
        "columns": block["columns"][1:],
        "widths": block["widths"][1:],
        "groups": groups,
        "shared": [],
    }


def _first(row: Plain) -> tuple[str, str]:
    return row["cells"][0]["text"], row["finding"]


def _letter(i: int) -> str:
    """a, b, … z, aa, ab, …"""
    return ascii_lowercase[i] if i < len(ascii_lowercase) else _letter(i // 26 - 1) + ascii_lowercase[i % 26]
