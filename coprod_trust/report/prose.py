"""The evaluator's Markdown as parts of the report. HTML in it is text; pictures and tables are not taken over."""

from __future__ import annotations

from typing import Any

from coprod_trust.report.model import Prose, Run, Theirs

_LISTS = {"bullet_list_open": "bullets", "ordered_list_open": "numbered"}


def prose(markdown: str) -> tuple[Prose, ...]:
    """Paragraphs, headings, quotations and lists, with strong and emphasised words and links to the web."""
    from markdown_it import MarkdownIt

    found: list[Prose] = []
    kind: list[str] = ["paragraph"]
    items: list[tuple[Run, ...]] = []
    for token in MarkdownIt("commonmark", {"html": False}).parse(markdown):
        if token.type in _LISTS:
            kind.append(_LISTS[token.type])
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            style = kind.pop()
            if items:
                found.append(Prose(style, tuple(items)))  # type: ignore[arg-type]
            items = []
        elif token.type in ("heading_open", "blockquote_open"):
            kind.append("heading" if token.type == "heading_open" else "quotation")
        elif token.type in ("heading_close", "blockquote_close"):
            kind.pop()
        elif token.type in ("inline", "fence", "code_block"):
            runs = _runs(token.children or []) if token.type == "inline" else (Run(Theirs(token.content.strip())),)
            if kind[-1] in ("bullets", "numbered"):
                items.append(runs)
            elif runs:
                found.append(Prose(kind[-1], (runs,)))  # type: ignore[arg-type]
    return tuple(found)


def _runs(tokens: list[Any]) -> tuple[Run, ...]:
    runs: list[Run] = []
    strong = emphasis = 0
    href: str | None = None
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            strong += token.nesting
        elif token.type in ("em_open", "em_close"):
            emphasis += token.nesting
        elif token.type == "link_open":
            target = str(token.attrGet("href") or "")
            href = target if target.startswith(("https://", "http://", "mailto:")) else None
        elif token.type == "link_close":
            href = None
        else:
            text = " " if token.type in ("softbreak", "hardbreak") else token.content
            if text:
                runs.append(Run(Theirs(text), strong > 0, emphasis > 0, href))
    return tuple(runs)
