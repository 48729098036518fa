"""The plan and what was done: its hash and date, planned and done, planned and not done, done and not planned."""

from __future__ import annotations

from coprod_trust.report.model import Block, Heading, Row, Section, Table, Text, Theirs, Words
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.sections.methods import MOST_ROWS, kind_of, question
from coprod_trust.report.writer import Writer


def plan(w: Writer) -> Section:
    """From the records of the plan, the deviations that the program found, and the findings themselves."""
    t = w.t
    record = w.m.record
    done = [f for f in w.m.findings if not f.exploratory and not f.declined]
    unplanned = [f for f in w.m.findings if f.exploratory and not f.declined]
    not_estimated = sum(f.exploratory and f.declined is not None for f in w.m.findings)
    registered = w.m.study.plan.registered
    blocks: list[Block] = [
        w.paragraph(
            t.sentence("plan.hash", hash=Theirs(w.m.run.plan_hash)),
            t.sentence("plan.dated", date=t.date(registered)) if registered else t.sentence("plan.undated"),
            t.sentence("plan.done", count=len(done)) if done else None,
            t.sentence("plan.unplanned", count=len(unplanned)) if unplanned else None,
            t.sentence("plan.not_estimated", count=not_estimated) if not_estimated else None,
        )
    ]
    if record.plan:
        blocks.append(_history(w))
    blocks.append(Heading("deviations", t.say("plan.deviations")))
    if record.deviations:
        blocks.append(_deviations(w))
    else:
        blocks.append(w.paragraph(t.sentence("plan.none_found")))
    if done:
        blocks.append(_done(w, done))
    declined = [f for f in w.m.findings if f.declined and not f.exploratory]
    if declined:
        rows = [
            Row((t.say("trust.caption", caption=question(w, f), contrast=w.contrast(f.contrast)),
                 t.say("plain", text=(f.declined or "").rstrip("."))), f.finding_id)
            for f in declined
        ]  # fmt: skip
        blocks.append(Table("not-done", t.say("plan.not_done"), w.columns("question", "why"), tuple(rows)))
    if unplanned:
        counts: dict[str, int] = {}
        for f in unplanned:
            counts[f.question] = counts.get(f.question, 0) + 1
        unplanned_rows = tuple(Row((kind_of(w, q), w.whole(n))) for q, n in counts.items())
        caption = t.say("plan.not_planned")
        blocks.append(Table("not-planned", caption, w.columns("question_kind", "members_n#"), unplanned_rows))
    return Section("plan-and-deviations", t.say("section.plan"), tuple(blocks))


def _done(w: Writer, done: list[FindingRow]) -> Table:
    """What was planned and done, with what came out."""
    names = {f.id: f.label or f.id for f in w.m.study.plan.families}
    rows = tuple(
        Row(
            (
                w.t.say("trust.caption", caption=question(w, f), contrast=w.contrast(f.contrast)),
                Theirs(names.get(f.family or "", "")) if f.family else w.t.say("none"),
                w.whole(f.n),
                w.t.say("number", number=w.t.p(f.p_adjusted if f.family else f.p_value)),
                w.verdict(f.verdict),
            ),
            f.finding_id,
        )
        for f in sorted(done, key=w.m.order)
    )
    columns = w.columns("question", "family", "n#", "p_in_family#", "verdict")
    return Table("planned-done", w.t.say("plan.planned_done"), columns, rows, folded=len(rows) > MOST_ROWS)


def _history(w: Writer) -> Table:
    t = w.t
    rows = tuple(
        Row(
            (
                t.say(f"plan.{r.action}"),
                Words(t.date(r.recorded_at.date())),
                Theirs(r.who),
                Theirs(r.why),
                w.wave(r.data_seen) if r.data_seen else t.say("plan.no_data"),
                Theirs(r.plan_hash),
            )
        )
        for r in w.m.record.plan
    )
    columns = w.columns("what_is", "when", "who", "why", "data_seen", "sha256")
    return Table("plan-history", t.say("plan.history"), columns, rows)


def _deviations(w: Writer) -> Table:
    t = w.t
    rows = []
    for d in w.m.record.deviations:
        key = f"deviation.{d.kind}"
        kind: Text = t.say(key) if t.has(key) else Theirs(d.kind.replace("_", " "))
        said = t.say("plan.recorded", who=Theirs(d.who or ""), why=Theirs(d.why or "")) if d.recorded else t.say("no")
        rows.append(Row((kind, Theirs(d.subject), Theirs(d.planned), Theirs(d.done), said)))
    columns = w.columns("what_is", "subject", "was_planned", "was_done", "on_record")
    return Table("deviations-table", t.say("plan.deviations_table"), columns, tuple(rows), (), len(rows) > MOST_ROWS)
