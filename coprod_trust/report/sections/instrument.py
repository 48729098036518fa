"""The instrument and the codebook, as this study used them."""

from __future__ import annotations

from coprod_trust.report.model import Row, Section, Table, Theirs
from coprod_trust.report.writer import Writer


def instrument(w: Writer) -> Section:
    """Every item with its wording and source; every code with what it is about."""
    t = w.t
    rows = []
    unverified = False
    for scale in w.m.study.scales:
        for item in scale.items:
            unverified |= not item.verified
            ends = t.say("instrument.ends", low=t.number(scale.low, 0), high=t.number(scale.high, 0))
            rows.append(
                Row(
                    (
                        Theirs(item.wording or item.id),
                        w.title(scale),
                        ends,
                        t.say("yes" if item.reverse else "no"),
                        Theirs(item.source) if item.source else t.say("none"),
                        t.say(f"wording.{item.wording_status}"),
                    )
                )
            )
    notes = (t.sentence("instrument.unverified"),) if unverified else ()
    columns = w.columns("item", "outcome", "ends", "reversed", "source", "wording")
    tables = [Table("items", t.say("instrument.table"), columns, tuple(rows), notes, True)]
    if w.m.codes:
        code_rows = tuple(
            Row(
                (
                    w.named_code(c),
                    Theirs(c.code),
                    Theirs(c.parent) if c.parent else t.say("none"),
                    w.construct(c.construct) if c.construct else t.say("none"),
                )
            )
            for c in sorted(w.m.codes, key=lambda c: c.code)
        )
        code_columns = w.columns("code", "code_id", "parent", "construct")
        tables.append(Table("codebook", t.say("instrument.codebook"), code_columns, code_rows, (), True))
    return Section("instrument", t.say("section.instrument"), (w.paragraph(t.sentence("instrument.intro")), *tables))
