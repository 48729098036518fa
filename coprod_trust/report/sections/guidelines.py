"""Where each item of the reporting guidelines is met, or what the evaluator must still write."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from coprod_trust.report.model import Block, Linked, Row, Section, Table, Text, Theirs
from coprod_trust.report.writer import Writer

ORDER = ("GRAMMS", "STROBE", "JARS-MMR")


@cache
def _items() -> tuple[dict[str, str], ...]:
    text = files("coprod_trust.report").joinpath("guidelines.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["item"])


def guidelines(w: Writer, present: Collection[str]) -> Section:
    """A table a guideline; ``present`` are the ids of the sections that this report has."""
    t = w.t
    blocks: list[Block] = []
    written = 0
    for name in ORDER:
        items = [i for i in _items() if i["guideline"] == name]
        rows = []
        for item in items:
            met = _met(w, item["where"], present)
            written += met is None
            where: Text = met if met is not None else _still(w, item["where"])
            rows.append(
                Row(
                    (
                        t.say("plain", text=Theirs(item.get(f"number_{t.code}") or item["number"])),
                        Theirs(item[t.code]),
                        where,
                    )
                )
            )
        columns = w.columns("number", "asked_for", "where_met")
        blocks.append(Table(f"guideline-{name.lower()}", t.say(f"guideline.{name}"), columns, tuple(rows), (), True))
    intro = t.sentence("guideline.intro")
    count = t.sentence("guideline.to_write", count=written) if written else t.sentence("guideline.all_met")
    return Section("guidelines", t.say("section.guidelines"), (w.paragraph(intro, count), *blocks))


def _met(w: Writer, where: str, present: Collection[str]) -> Text | None:
    """A link to where the item is met; None where it is not met yet."""
    kind, _, name = where.rpartition(":")
    if not kind:
        return Linked.to(name, w.t.say(f"section.{_key(name)}")) if name in present else None
    if w.m.record.text(name, w.t.code) is None:
        return None
    if name in ("interpretation", "recommendations"):
        return Linked.to(name, w.t.say(f"meaning.{name}"))
    return Linked.to("own", w.t.say("section.own"))


def _still(w: Writer, where: str) -> Text:
    kind, _, name = where.rpartition(":")
    if kind or name == "context":
        return w.t.say("guideline.write", name=f"text/{name}.md")
    return w.t.say("guideline.not_here", section=w.t.say(f"section.{_key(name)}"))


def _key(section: str) -> str:
    return "plan" if section == "plan-and-deviations" else section
