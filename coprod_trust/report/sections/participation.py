"""Who took part and who left."""

from __future__ import annotations

from coprod_trust.privacy.disclosure import suppress
from coprod_trust.report.charts.flow import flow_diagram
from coprod_trust.report.model import Block, Column, Figure, Panel, Paragraph, Row, Section, Table, Theirs, Words
from coprod_trust.report.rows import FlowRow
from coprod_trust.report.sections.balance import retention_blocks
from coprod_trust.report.writer import Writer


def participation(w: Writer) -> Section:
    """Flow diagram, the response by wave and group, and the reasons that people gave for leaving."""
    m = w.m
    groups = list(dict.fromkeys(r.study_group for r in m.flow))
    groups.sort(key=lambda g: g != m.study.groups.participants)
    if not groups:
        return Section(
            "participation", w.t.say("section.participation"), (w.paragraph(w.t.sentence("summary.nobody")),)
        )
    blocks: list[Block] = [w.paragraph(w.t.sentence("participation.intro"))]
    panels = tuple(_panel(w, g, [r for r in m.flow if r.study_group == g]) for g in groups)
    blocks.append(Figure("flow", w.t.say("participation.figure"), panels, _response(w, groups)))
    mine = [r for r in m.flow if r.study_group == m.study.groups.participants]
    if len(m.waves) > 1 and mine and mine[-1].ordinal > 0 and mine[-1].n_starters == mine[0].n_starters:
        blocks.append(w.paragraph(w.t.sentence(f"participation.nobody_left_{w.followed}")))
    elif len(m.waves) > 1:
        reasoned = any(reason for reason, _ in m.reasons)
        blocks.append(_reasons(w) if reasoned else w.paragraph(w.t.sentence("participation.no_reasons")))
        blocks.append(w.paragraph(w.t.sentence("participation.leavers")))
    blocks += retention_blocks(w)
    return Section("participation", w.t.say("section.participation"), tuple(blocks))


def _panel(w: Writer, group: str, rows: list[FlowRow]) -> Panel:
    t = w.t
    steps = []
    for i, r in enumerate(rows):
        detail = []
        if r.ordinal > 0:
            if r.n_stayed:
                detail.append(t.say("flow.stayed", n=r.n_stayed))
            if r.n_returned:
                detail.append(t.say("flow.returned", n=r.n_returned))
            if r.n_joined:
                detail.append(t.say("flow.joined", n=r.n_joined))
        follows = i + 1 < len(rows) or r.ordinal + 1 < len(w.m.waves)
        # A group that ends before the last wave need not have been asked again.
        key = "flow.out" if i + 1 < len(rows) else "flow.ended"
        out = t.say(key, n=r.n_absent_next) if follows and r.n_absent_next else None
        steps.append((w.wave_title(w.m.waves[r.ordinal]), t.say("flow.answered", n=r.n_answered), detail, out))
    spoken = "; ".join(
        f"{wave}: {', '.join([answered, *detail])}" + (f" ({out})" if out else "")
        for wave, answered, detail, out in steps
    )
    said = t.say("flow.alternative", group=w.group(group), spoken=Theirs(spoken))
    return Panel(w.group_title(group), said, svg=flow_diagram(steps))


def _response(w: Writer, groups: list[str]) -> Table:
    rows = []
    for group in groups:
        of_group = [r for r in w.m.flow if r.study_group == group]
        n_first = next((r.n_starters for r in of_group if r.ordinal == 0), 0)
        for r in of_group:
            rows.append(
                Row(
                    (
                        w.t.say("flow.row", group=w.group_title(group), wave=w.wave(w.m.waves[r.ordinal])),
                        w.whole(r.n_answered),
                        w.whole(r.n_starters) if w.only_linked else _share(w, r.n_starters, n_first),
                        w.whole(r.n_returned),
                        w.whole(r.n_joined),
                    )
                )
            )
    of_starters = "linked#" if w.only_linked else "of_starters#"
    columns = w.columns("group_wave", "answered#", of_starters, "returned#", "joined#")
    return Table("response", w.t.say("participation.table"), columns, tuple(rows))


def _share(w: Writer, n: int, n_first: int) -> Words:
    return w.share(n, n_first) if n_first else w.t.say("none")


def _reasons(w: Writer) -> Table | Paragraph:
    shown = suppress(dict(w.m.reasons), w.edition)
    if all(n is None for n in shown.values()):
        return w.paragraph(w.t.sentence("reason.all_small"))
    rows = [
        Row(
            (
                Theirs(reason) if reason else w.t.say("reason.not_given"),
                w.whole(n) if n is not None else w.t.say("not_shown"),
            )
        )
        for reason, n in shown.items()
        if n is not None or reason == ""
    ]
    hidden = [reason for reason, n in shown.items() if n is None and reason != ""]
    if hidden:
        rows.append(Row((w.t.say("reason.small", count=len(hidden)), w.t.say("not_shown"))))
    columns = (Column(w.t.say("column.reason")), Column(w.t.say("column.people"), True))
    return Table("reasons", w.t.say("participation.reasons"), columns, tuple(rows), (w.small_groups(),))
