"""A report as plain lists and texts, for renderers that are not Python: numbered, captioned, in order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from coprod_trust.report.html import is_hash, numbered, tight
from coprod_trust.report.language import Language
from coprod_trust.report.model import (
    Block,
    Card,
    Figure,
    Heading,
    Linked,
    Listing,
    Notice,
    Panel,
    Paragraph,
    Prose,
    Quote,
    Report,
    Row,
    Section,
    Sentence,
    Table,
    walk,
)

Plain = dict[str, Any]
LEAST, MOST_NUMERIC, MOST_FIRST, MOST_TEXT = 4, 12, 34, 24
# Characters that a line of a page takes at the size of a table's text.
PAGE = 112
# A bold letter beside another, about.
BOLD = 1.1
# How much wider a capital is than another letter, in letters, about.
CAPITAL = 0.3


def plain(report: Report, words: Language, picture: Callable[[Panel], str]) -> Plain:
    """The report as JSON can hold it; ``picture`` gives what stands for a drawing."""
    head = report.head
    numbers = numbered(report)
    places = _places(report)
    make = _Blocks(words, numbers, places, picture)
    return {
        "language": head.language,
        "title": str(head.title),
        "subtitle": str(head.subtitle),
        "status": str(head.status),
        "synthetic": head.synthetic and str(head.synthetic),
        "facts": [[str(a), str(b)] for a, b in head.facts],
        "contents": str(words.say("head.contents")),
        "sections": [make.section(i, s) for i, s in enumerate(report.sections, 1)],
    }


def _places(report: Report) -> frozenset[str]:
    """Everything that a link can lead to."""
    marked = {s.id for s in report.sections}
    for node in walk(report):
        if isinstance(node, Heading | Figure | Table):
            marked.add(node.id)
            if isinstance(node, Table) and node.finding_id:
                marked.add(f"f.{node.finding_id}")
    return frozenset(marked)


class _Blocks:
    def __init__(
        self, words: Language, numbers: dict[str, int], places: frozenset[str], picture: Callable[[Panel], str]
    ) -> None:
        self.t, self.numbers, self.places, self.picture = words, numbers, places, picture
        self.taken: Counter[str] = Counter()

    def place(self, id_: str) -> str:
        """The id as the name of a place, which no other has."""
        self.taken[id_] += 1
        return id_ if self.taken[id_] == 1 else f"{id_}~{self.taken[id_]}"

    def section(self, number: int, s: Section) -> Plain:
        return {"id": self.place(s.id), "title": f"{number}. {s.title}", "blocks": [self.block(b) for b in s.blocks]}

    def block(self, b: Block) -> Plain:
        kind = type(b).__name__.lower()
        if isinstance(b, Paragraph):
            return {"kind": kind, "sentences": self.sentences(b.sentences)}
        if isinstance(b, Listing):
            return {"kind": kind, "points": [self.sentences(p.sentences) for p in b.points]}
        if isinstance(b, Notice):
            return {"kind": kind, "tone": b.kind, "title": str(b.title), "sentences": self.sentences(b.sentences)}
        if isinstance(b, Card):
            certainty = f"{self.t.say('head.certainty_label')}: {b.certainty_words}"
            return {
                "kind": kind,
                "title": str(b.title),
                "certainty": certainty,
                "rank": b.certainty or "",
                "sentences": self.sentences(b.sentences),
            }
        if isinstance(b, Quote):
            text = str(b.text) if b.paraphrased else f"“{b.text}”"
            return {"kind": kind, "text": text, "by": str(b.said_by), "paraphrased": b.paraphrased}
        if isinstance(b, Prose):
            items = [
                [{"text": str(r.text), "strong": r.strong, "emphasis": r.emphasis, "href": r.href or ""} for r in item]
                for item in b.items
            ]
            return {"kind": kind, "style": b.kind, "items": items}
        if isinstance(b, Heading):
            return {"kind": kind, "id": self.place(b.id), "text": str(b.text)}
        if isinstance(b, Table):
            return self.table(b)
        return self.figure(b)

    def sentences(self, several: Sequence[Sentence], ids: bool = True) -> list[Plain]:
        """Each with the id of its finding, told once where several in a row rest on the same."""
        found = []
        for i, s in enumerate(several):
            last = i + 1 == len(several) or several[i + 1].finding_id != s.finding_id
            mark = s.finding_id if ids and last and s.finding_id else ""
            found.append({"text": str(s.text), "finding": mark, "to": self.target(f"f.{mark}")})
        return found

    def target(self, place: str) -> str:
        return place if place in self.places else ""

    def table(self, b: Table) -> Plain:
        number = self.numbers.get(b.id)
        label = f"{self.t.say('head.table')} {number}" if number and not b.finding_id else ""
        return {
            "kind": "table",
            "id": self.place(f"f.{b.finding_id}" if b.finding_id else b.id),
            "label": label,
            "caption": str(b.caption),
            "finding": b.finding_id or "",
            "columns": [{"label": str(c.label).strip(), "numeric": c.numeric} for c in b.columns],
            "widths": widths(b),
            "least": least(b),
            "rows": [self.row(r, b) for r in b.rows],
            "notes": self.sentences(b.notes, not b.finding_id),
        }

    def row(self, r: Row, b: Table) -> Plain:
        finding = r.finding_id if b.finding_id is None and r.finding_id and r.cells[0] != r.finding_id else ""
        return {
            "cells": [
                {
                    "text": tight(c) if column.numeric else str(c),
                    "to": self.target(c.target) if isinstance(c, Linked) else "",
                    "hash": is_hash(c),
                }
                for c, column in zip(r.cells, b.columns, strict=True)
            ],
            "finding": finding,
            "to": self.target(f"f.{finding}"),
        }

    def figure(self, b: Figure) -> Plain:
        return {
            "kind": "figure",
            "id": self.place(b.id),
            "label": f"{self.t.say('head.figure')} {self.numbers[b.id]}",
            "caption": str(b.caption),
            "panels": [
                {
                    "title": str(p.title) if len(b.panels) > 1 else "",
                    "alternative": str(p.alternative),
                    "picture": self.picture(p),
                }
                for p in b.panels
            ],
            "notes": self.sentences(b.notes),
            "numbers": self.table(b.numbers) if b.numbers else None,
            "elsewhere": self.elsewhere(b),
        }

    def elsewhere(self, b: Figure) -> Plain | None:
        """Where the numbers of a figure without a table of its own are."""
        if not b.numbers_in:
            return None
        table = f"{self.t.say('head.table')} {self.numbers[b.numbers_in]}"
        said = str(self.t.say("head.numbers_in", table=table))
        before, _, after = said.partition(table)
        return {"before": before, "table": table, "after": after, "to": b.numbers_in}


def widths(b: Table) -> list[int]:
    """How wide each column wants to be, in characters: figures unbroken, words up to a line of some length, and what is
    left of a page to the columns with the longest texts."""
    longest = [0 if c.numeric else max([0, *(len(r.cells[i]) for r in b.rows)]) for i, c in enumerate(b.columns)]
    found = []
    for i, (column, word) in enumerate(zip(b.columns, least(b), strict=True)):
        room = MOST_NUMERIC if column.numeric else MOST_FIRST if i == 0 else MOST_TEXT
        found.append(max(word, min(room, longest[i])))
    left = max(0, PAGE - sum(found))
    wanted = [max(0, text - width) for text, width in zip(longest, found, strict=True)]
    return [width + left * want // max(1, left, sum(wanted)) for width, want in zip(found, wanted, strict=True)]


def least(b: Table) -> list[int]:
    """The longest piece of each column that must not break, in characters: a word, or an interval."""
    found = []
    for i, column in enumerate(b.columns):
        cells = [str(r.cells[i]) for r in b.rows]
        words = [math.ceil(BOLD * len(word)) for word in column.label.split()]
        words += [math.ceil(len(word) + CAPITAL * sum(map(str.isupper, word)))
                  for text in cells for word in text.split() if not is_hash(text)]  # fmt: skip
        if column.numeric:
            words += [len(part) + 1 for text in cells for part in tight(text).split(" ")]
        found.append(max(LEAST, *words))
    return found
