"""The evaluator's own words, from Markdown files in text/."""

from __future__ import annotations

from coprod_trust.report.model import Block, Heading, Section, Theirs
from coprod_trust.report.prose import prose
from coprod_trust.report.writer import Writer

# Texts with a place of their own; any other file stands at the end.
PLACED = ("context", "interpretation", "recommendations")


def text_blocks(w: Writer, name: str) -> list[Block]:
    """The text of that name in the language of the report; none where there is no file."""
    text = w.m.record.text(name, w.t.code)
    return list(prose(text)) if text else []


def context(w: Writer) -> Section | None:
    """What the programme is and what happened around it; None where nobody wrote it."""
    blocks = text_blocks(w, "context")
    if not blocks:
        return None
    return Section("context", w.t.say("section.context"), (w.paragraph(w.t.sentence("own.by")), *blocks))


def other_texts(w: Writer) -> Section | None:
    """Every further text, under its file's name or, where the catalogue knows it, under a heading of the language."""
    names = [n for n in w.m.record.names() if n not in PLACED and text_blocks(w, n)]
    if not names:
        return None
    blocks: list[Block] = [w.paragraph(w.t.sentence("own.by"))]
    for name in names:
        key = f"own.{name}"
        title = w.t.say(key) if w.t.has(key) else Theirs(name.replace("_", " ").replace("-", " ").capitalize())
        blocks += [Heading(f"text-{name}", title), *text_blocks(w, name)]
    return Section("own", w.t.say("section.own"), tuple(blocks))
