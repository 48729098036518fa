"""The report as data: what is said, in which order. Renderings turn it into a page; none adds a word or a number.

Three kinds of text are told apart by type, because the guards treat them differently: ``Words`` were generated from
a catalogue, ``Theirs`` come from the study, its data or the evaluator, and plain ``str`` are keys and ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Self


class Theirs(str):
    """Text that the evaluator, a participant or a file brought: shown as it is, escaped, and exempt from the guards."""

    __slots__ = ()


class Words(str):
    """Generated text. ``own`` is the same text with everything in it that is ``Theirs`` masked, for the guards."""

    own: str

    def __new__(cls, text: str, own: str | None = None) -> Self:
        words = super().__new__(cls, text)
        words.own = text if own is None else own
        return words


class Linked(Words):
    """Generated text that leads to a place in the report: the id of a section, heading, table or figure."""

    target: str

    @classmethod
    def to(cls, target: str, text: str) -> Self:
        """``text`` leading to ``target``."""
        linked = cls(text, getattr(text, "own", text))
        linked.target = target
        return linked


Text = Words | Theirs


@dataclass(frozen=True)
class Sentence:
    """One sentence. ``finding_id`` says which finding it rests on; ``direction`` that it says where an average went."""

    text: Text
    finding_id: str | None = None
    direction: bool = False


@dataclass(frozen=True)
class Paragraph:
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Listing:
    """Points of equal weight."""

    points: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Notice:
    """What a reader must not miss."""

    kind: Literal["warning", "note", "synthetic"]
    title: Text
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Card:
    """One finding on page one, with the certainty word that the rules gave it."""

    finding_id: str
    title: Text
    certainty: str | None
    certainty_words: Text
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Quote:
    """What a person said, released for this edition; ``said_by`` never names the person."""

    text: Theirs
    said_by: Text
    segment_id: str | None = None
    paraphrased: bool = False


@dataclass(frozen=True)
class Run:
    """A stretch of the evaluator's own text in one style."""

    text: Theirs
    strong: bool = False
    emphasis: bool = False
    href: str | None = None


@dataclass(frozen=True)
class Prose:
    """The evaluator's own words: a paragraph, a heading or a quotation of one item, or a list of several."""

    kind: Literal["paragraph", "heading", "quotation", "bullets", "numbered"]
    items: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True)
class Column:
    label: Text
    numeric: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table; the first cell is its header. A row that holds an estimate carries its finding's id."""

    cells: tuple[Text, ...]
    finding_id: str | None = None


@dataclass(frozen=True)
class Table:
    """``folded``: on a screen only its caption shows until opened. ``finding_id``: all of it is about that finding."""

    id: str
    caption: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Sentence, ...] = ()
    folded: bool = False
    finding_id: str | None = None

    def __post_init__(self) -> None:
        wrong = [r for r in self.rows if len(r.cells) != len(self.columns)]
        if wrong:
            raise ValueError(f"table {self.id} has {len(self.columns)} columns and a row with {len(wrong[0].cells)}")


@dataclass(frozen=True)
class Panel:
    """One drawing: a Vega-Lite specification or a finished SVG, and what it shows in words.

    ``series`` are what a reader of a screen can take away and put back: the name in the specification, and in words.
    """

    title: Text
    alternative: Text
    series: tuple[tuple[str, Text], ...] = ()
    chart: Mapping[str, Any] | None = field(default=None, repr=False)
    svg: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Figure:
    """Drawings under one caption, with their numbers in a table: their own, or the one with the id ``numbers_in``."""

    id: str
    caption: Text
    panels: tuple[Panel, ...]
    numbers: Table | None = None
    notes: tuple[Sentence, ...] = ()
    numbers_in: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    id: str
    text: Text


Block = Paragraph | Listing | Notice | Card | Quote | Prose | Table | Figure | Heading


@dataclass(frozen=True)
class Section:
    id: str
    title: Text
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Head:
    """What stands above the report and in its foot."""

    title: Theirs
    subtitle: Words
    status: Words
    edition: str
    language: str
    wave: str
    run_id: str
    synthetic: Theirs | None
    facts: tuple[tuple[Words, Text], ...]


@dataclass(frozen=True)
class Report:
    head: Head
    sections: tuple[Section, ...]

    def sentences(self) -> Iterator[Sentence]:
        """Every sentence, wherever it stands, in order."""
        return (node for node in walk(self) if isinstance(node, Sentence))

    def cards(self) -> Iterator[Card]:
        """Every finding on page one."""
        return (node for node in walk(self) if isinstance(node, Card))


def walk(node: Any) -> Iterator[Any]:
    """Every part of the model from ``node`` down, texts included; chart specifications are left out."""
    left = [node]
    while left:
        part = left.pop()
        yield part
        if isinstance(part, tuple):
            left.extend(reversed(part))
        else:
            left.extend(getattr(part, name) for name in _parts(part.__class__))


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """The fields of a part that hold parts, the last first."""
    if not is_dataclass(kind):
        return ()
    return tuple(f.name for f in reversed(fields(kind)) if f.name not in ("chart", "svg"))
