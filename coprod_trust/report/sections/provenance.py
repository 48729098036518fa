"""Where every number comes from, so that another person gets the same, and what the words mean."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from coprod_trust.privacy.disclosure import Part
from coprod_trust.report.model import Block, Row, Section, Table, Text, Theirs, Words
from coprod_trust.report.sections.methods import MOST_ROWS
from coprod_trust.report.writer import Writer

LIBRARIES = ("duckdb", "pandas", "numpy", "scipy", "statsmodels", "pingouin")


def provenance(w: Writer) -> Section:
    """Run, versions, plan, seed and command; the files read, by SHA-256."""
    blocks: list[Block] = [w.paragraph(w.t.sentence("provenance.intro")), _run(w)]
    if w.m.sources:
        blocks.append(_sources(w))
    return Section("provenance", w.t.say("section.provenance"), tuple(blocks))


def _run(w: Writer) -> Table:
    m, t = w.m, w.t
    plan = m.study.plan
    facts: list[tuple[str, Text]] = [
        ("run", Theirs(m.run.run_id)),
        ("started_at", _moment(w, m.run.started_at)),
        ("version", Theirs(m.run.version)),
        ("libraries", Theirs(", ".join(f"{name} {_version(name)}" for name in LIBRARIES))),
        ("plan_hash", Theirs(m.run.plan_hash)),
        (
            "registered",
            t.say("plain", text=t.date(plan.registered)) if plan.registered else t.say("provenance.unregistered"),
        ),
        ("input_hash", Theirs(m.run.input_hash) if m.run.input_hash else t.say("none")),
        ("seed", Theirs(str(plan.seed))),
        ("permutations", w.whole(plan.permutations)),
        ("bootstraps", w.whole(plan.bootstraps)),
        ("command", Theirs(f"coprod-trust run . --wave {m.wave}")),
    ]
    rows = tuple(Row((t.say(f"provenance.{key}"), value)) for key, value in facts)
    return Table("run", t.say("provenance.run_table"), w.columns("what_is", "value"), rows)


def _moment(w: Writer, at: datetime | None) -> Words:
    return w.t.say("none") if at is None else Words(f"{w.t.date(at.date())}, {at:%H:%M} UTC")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def _sources(w: Writer) -> Table:
    named = w.allows(Part.SOURCE_ROW)
    rows = tuple(
        Row(
            (
                *((Theirs(s.name),) if named else ()),
                w.t.say(f"kind.{s.kind}") if w.t.has(f"kind.{s.kind}") else Theirs(s.kind),
                w.wave(s.wave) if s.wave else w.t.say("none"),
                w.t.say(f"source.{s.status}"),
                Words(w.t.date(s.received_at.date())),
                Theirs(s.sha256),
            )
        )
        for s in sorted(w.m.sources, key=lambda s: (s.kind, s.name))
    )
    columns = w.columns(*(("file",) if named else ()), "kind", "wave", "file_status", "received", "sha256")
    return Table("sources", w.t.say("provenance.sources"), columns, rows, folded=len(rows) > MOST_ROWS)


def glossary(w: Writer) -> Section:
    """What the words of the report mean."""
    terms = str(w.t.catalogue["glossary.order"]).split()
    rows = tuple(
        Row((w.t.say(f"glossary.{term}.term"), w.t.say(f"glossary.{term}.meaning", delta=w.delta))) for term in terms
    )
    table = Table("glossary-table", w.t.say("glossary.caption"), w.columns("term", "meaning"), rows)
    return Section("glossary", w.t.say("section.glossary"), (table,))
