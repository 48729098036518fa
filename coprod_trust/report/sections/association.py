"""Whether trust in fellow participants and other trust changed together in the same people."""

from __future__ import annotations

from coprod_trust.privacy.disclosure import Part
from coprod_trust.report.charts import specs
from coprod_trust.report.model import Block, Figure, Panel, Row, Section, Table
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.sections.conditions import within_blocks
from coprod_trust.report.sections.summary import findings_on_page_one
from coprod_trust.report.sentences import finding_sentences
from coprod_trust.report.writer import Writer


def association(w: Writer) -> Section:
    """Scatter and table of change with change, or a plain sentence where there is none."""
    t = w.t
    title = t.say("section.association")
    findings = [f for f in w.m.findings if f.question == "association"]
    if not findings:
        key = "association.one_wave" if len(w.m.waves) < 2 else "association.none"
        return Section("association", title, (w.paragraph(w.t.sentence(key)),))
    latest = {c.id for s in w.m.trust_scales() if (c := w.m.contrast(s)) is not None}
    main = [f for f in findings if f.contrast in latest]
    findings = main + [f for f in findings if f not in main]
    lined = w.allows(Part.PERSON_LINE)
    blocks: list[Block] = [w.paragraph(w.t.sentence("association.intro"))] if lined else []
    on_page_one = {f.finding_id for f in findings_on_page_one(w)}
    worded = [
        t.say("association.panel", x=w.scale(f.predictor or ""), y=w.scale(f.outcome))
        for f in main or findings
        if f.finding_id in on_page_one
    ]
    if worded:
        blocks.append(w.paragraph(t.sentence("association.worded_on_page_one", names=t.join(worded))))
    blocks += [w.paragraph(*finding_sentences(w, f)) for f in main or findings if f.finding_id not in on_page_one]
    drawn = [f for f in main or findings if f.finding_id in w.m.pairs]
    reach = max((abs(v) for f in drawn for _, *point in w.m.pairs[f.finding_id] for v in point), default=0.0)
    panels = [_panel(w, f, max(reach, 10.0) * 1.08) for f in drawn]
    table = _table(w, findings)
    if panels:
        note = w.t.sentence("association.figure_note")
        blocks.append(Figure("scatter", w.t.say("association.figure"), tuple(panels), table, (note,)))
    else:
        blocks.append(table)
        if not lined:
            blocks.append(w.paragraph(w.t.sentence("association.not_drawn")))
    return Section("association", title, (*blocks, *within_blocks(w)))


def _panel(w: Writer, f: FindingRow, reach: float) -> Panel:
    t = w.t
    note = t.say("association.note", r=t.bare(f.estimate), ci=t.interval(f.ci_low, f.ci_high, 2, bare=True))
    names = [str(t.say("axis.change_in", label=w.scale(name))) for name in (f.predictor or "", f.outcome)]
    points = [
        (person, x, y, w.person(person, f"{names[0]} {t.number(x)}, {names[1]} {t.number(y)}"))
        for person, x, y in w.m.pairs[f.finding_id]
    ]
    spec = specs.scatter(points, reach, names[0], names[1], str(note))
    title = t.say("association.panel", x=w.title(f.predictor or ""), y=w.scale(f.outcome))
    alternative = t.say(
        "association.alternative", x=w.scale(f.predictor or ""), y=w.scale(f.outcome), note=note, n=f.n or 0
    )
    return Panel(title, alternative, chart=spec)


def _table(w: Writer, findings: list[FindingRow]) -> Table:
    t = w.t
    rows = [
        Row(
            (
                t.say("association.panel", x=w.title(f.predictor or ""), y=w.scale(f.outcome)),
                w.contrast(f.contrast),
                w.method(f.method),
                w.whole(f.n),
                w.correlation(f.estimate, f.ci_low, f.ci_high) if not f.declined else t.say("declined.short"),
                t.say("number", number=t.p(f.p_value) or t.say("none")),
                t.say("number", number=t.p(f.p_adjusted) or t.say("none")),
                w.planned(f),
            ),
            f.finding_id,
        )
        for f in findings
    ]
    columns = w.columns("pair", "contrast", "method", "n#", "estimate_ci#", "p#", "p_adjusted#", "status")
    return Table("association-table", t.say("association.table"), columns, tuple(rows))
