"""Who joined and who did not: participants beside another group at the first wave."""

from __future__ import annotations

from coprod_trust.report.charts import specs
from coprod_trust.report.model import Block, Figure, Panel, Row, Section, Table
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.sections.balance import reason_blocks, selection_blocks
from coprod_trust.report.sentences import compared_group, differs
from coprod_trust.report.writer import Writer


def selection(w: Writer) -> Section | None:
    """A drawing and a table a group; None where no other group was asked."""
    findings = selection_findings(w)
    if not findings:
        return None
    t = w.t
    any_differs = any(differs(w, f) for f in findings)
    intro = [t.sentence("selection.intro"), t.sentence("selection.differed") if any_differs else None]
    exploratory = t.sentence("selection.exploratory") if all(f.exploratory for f in findings) else None
    blocks: list[Block] = [w.paragraph(*intro, exploratory)]
    groups = dict.fromkeys(compared_group(w, f) for f in findings)
    for group in groups:
        blocks.append(_figure(w, group, [f for f in findings if compared_group(w, f) == group]))
        blocks += selection_blocks(w, group)
    blocks += reason_blocks(w)
    return Section("selection", t.say("section.selection"), tuple(blocks))


def selection_findings(w: Writer) -> list[FindingRow]:
    """The findings on who joined, trust first, in the order of the study."""
    return sorted((f for f in w.m.findings if f.question == "selection"), key=w.m.order)


def _figure(w: Writer, group: str, findings: list[FindingRow]) -> Figure | Table:
    t = w.t
    suffix = "" if len({compared_group(w, f) for f in selection_findings(w)}) == 1 else f"-{group}"
    table = _table(w, group, findings, f"selection-table{suffix}")
    rows = [
        (
            str(w.title(f.outcome)),
            f.estimate,
            f.ci_low,
            f.ci_high,
            str(w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True)),
        )
        for f in findings
        if f.estimate is not None and f.ci_low is not None and f.ci_high is not None
    ]
    if not rows:
        return table
    spec = specs.dot_plot(rows, None, t.say("axis.difference"))
    spoken = [
        t.say(
            "trust.dot_spoken", label=w.scale(f.outcome), change=w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True)
        )
        for f in findings
        if f.estimate is not None
    ]
    alternative = t.say("selection.alternative", group=w.group(group), spoken=t.join(spoken))
    panel = Panel(t.say("selection.panel", group=w.group(group)), alternative, chart=spec)
    caption = t.say("selection.figure", group=w.group(group))
    return Figure(
        f"selection-figure{suffix}", caption, (panel,), table, (t.sentence("selection.note", group=w.group(group)),)
    )


def _table(w: Writer, group: str, findings: list[FindingRow], id_: str) -> Table:
    t = w.t
    rows = tuple(
        Row(
            (
                w.title(f.outcome),
                w.whole(f.n),
                t.say("declined.short") if f.declined else w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True),
                w.estimate(f.effect_size, f.effect_ci_low, f.effect_ci_high, 2),
                t.say("number", number=t.p(f.p_value)),
                t.say("number", number=t.p(f.p_adjusted) or t.say("none")),
                w.planned(f),
            ),
            f.finding_id,
        )
        for f in findings
    )
    columns = w.columns("outcome", "n#", "difference_ci#", "effect_g#", "p#", "p_adjusted#", "status")
    return Table(id_, t.say("selection.table", group=w.group(group)), columns, rows)
