"""What changed since the last report: which numbers moved, after what, and whether a conclusion changed."""

from __future__ import annotations

from collections.abc import Sequence

from coprod_trust.privacy.disclosure import Edition, may_show
from coprod_trust.report.model import Block, Listing, Paragraph, Row, Section, Table, Text, Theirs
from coprod_trust.report.record import Arrival, Before, Difference
from coprod_trust.report.sections.methods import MOST_ROWS, question
from coprod_trust.report.writer import Writer


def changed(w: Writer) -> Section:
    """Against the last run up to the same wave, or else the last one."""
    t = w.t
    title = t.say("section.changed")
    before = w.m.record.before
    if before is None:
        return Section("changed", title, (w.paragraph(t.sentence("changed.first")),))
    blocks: list[Block] = [
        w.paragraph(
            t.sentence(
                "changed.against",
                run=Theirs(before.run_id),
                date=t.date(before.started_at.date()),
                wave=w.wave(before.wave),
            )
        ),
        *_since(w, before),
    ]
    moved = [d for d in w.m.record.differences if d.status == "moved" and _shown(w, d)]
    new = [d for d in w.m.record.differences if d.status == "new"]
    gone = [d for d in w.m.record.differences if d.status == "gone"]
    blocks.append(_counted(w, moved, len(new), len(gone)))
    if moved:
        blocks.append(_table(w, before, moved))
    return Section("changed", title, tuple(blocks))


def _shown(w: Writer, d: Difference) -> bool:
    return w.edition is Edition.INTERNAL or all(may_show(n or 0, w.edition) for n in (d.n, d.n_before))


def _since(w: Writer, before: Before) -> list[Block]:
    t = w.t
    points = [
        t.sentence(
            f"changed.{a.kind}" if t.has(f"changed.{a.kind}") else "changed.decision",
            count=a.n,
            kind=Theirs(a.kind),
            wave=w.wave(a.wave) if a.wave else t.say("changed.no_wave"),
        )
        for a in w.m.record.arrivals
    ]
    if before.version != w.m.run.version:
        points.append(t.sentence("changed.version", old=Theirs(before.version), new=Theirs(w.m.run.version)))
    if before.plan_hash != w.m.run.plan_hash:
        points.append(t.sentence("changed.plan"))
    if not points:
        return [w.paragraph(t.sentence("changed.nothing_came"))]
    return [Listing(tuple(w.paragraph(p) for p in points))]


def _counted(w: Writer, moved: Sequence[Difference], new: int, gone: int) -> Paragraph:
    t = w.t
    otherwise = sum(d.concluded_otherwise for d in moved)
    return w.paragraph(
        t.sentence("changed.none_moved") if not moved else t.sentence("changed.moved", count=len(moved)),
        t.sentence("changed.otherwise", count=otherwise) if otherwise else None,
        t.sentence("changed.none_otherwise") if moved and not otherwise else None,
        t.sentence("changed.new", count=new) if new else None,
        t.sentence("changed.gone", count=gone) if gone else None,
    )


def _table(w: Writer, before: Before, moved: Sequence[Difference]) -> Table:
    t = w.t
    rows = []
    for d in moved:
        finding = w.m.finding(d.finding_id)
        name: Text = question(w, finding) if finding else Theirs(d.finding_id)
        rows.append(
            Row(
                (
                    t.say("trust.caption", caption=name, contrast=w.contrast(finding.contrast if finding else None)),
                    w.whole(d.n_before),
                    w.whole(d.n),
                    w.estimate(d.estimate_before, d.ci_low_before, d.ci_high_before, 2),
                    w.estimate(d.estimate, d.ci_low, d.ci_high, 2),
                    w.verdict(d.verdict_before),
                    w.verdict(d.verdict),
                    t.say("yes" if d.concluded_otherwise else "no"),
                    _after(w, before, d),
                ),
                d.finding_id,
            )
        )
    columns = w.columns(
        "question", "n_before#", "n#", "estimate_before#", "estimate_now#", "verdict_before", "verdict_now",
        "concluded_otherwise", "after_what",
    )  # fmt: skip
    return Table("moved", t.say("changed.table"), columns, tuple(rows), (), len(rows) > MOST_ROWS)


def _after(w: Writer, before: Before, d: Difference) -> Text:
    """What came in that bears on the finding's own waves; else what bears on all."""
    t = w.t
    finding = w.m.finding(d.finding_id)
    waves = set((finding.contrast or "").split("-")) if finding else set()
    kinds = dict.fromkeys(_kind(w, a) for a in w.m.record.arrivals if a.wave is None or a.wave in waves)
    parts = [k for k in kinds if k]
    if before.plan_hash != w.m.run.plan_hash:
        parts.append(t.say("after.plan"))
    if before.version != w.m.run.version:
        parts.append(t.say("after.version"))
    if not parts:
        parts.append(t.say("after.family" if w.m.record.arrivals else "after.unknown"))
    return t.join(parts)


def _kind(w: Writer, a: Arrival) -> Text | None:
    key = f"after.{a.kind}"
    return w.t.say(key) if w.t.has(key) else None
