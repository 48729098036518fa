"""Change of participants beside that of a group that was followed without the programme."""

from __future__ import annotations

from coprod_trust.report.charts import specs
from coprod_trust.report.model import Block, Figure, Listing, Panel, Row, Section, Sentence, Table, Text, Words
from coprod_trust.report.rows import EstimateRow, FindingRow
from coprod_trust.report.sentences import compared_group, finding_sentences
from coprod_trust.report.writer import Writer


def comparison(w: Writer) -> Section | None:
    """A drawing and a table a group; None where the study has one wave or asked nobody else."""
    findings = [f for f in w.m.findings if f.question == "difference_in_differences"]
    others = [g for g in w.m.study.groups.values if g.id != w.m.study.groups.participants]
    if not findings or not others:
        return None
    t = w.t
    findings.sort(key=w.m.order)
    made = [f for f in findings if not f.declined]
    blocks: list[Block] = []
    if made:
        # What all of them take for granted is said once, before them.
        order = t.sentence("difference_in_differences.order")
        said = [s for f in made for s in finding_sentences(w, f) if s.text != order.text]
        blocks.append(w.paragraph(t.sentence("difference_in_differences.intro"), order))
        blocks.append(Listing(tuple(w.paragraph(s) for s in said)))
        blocks += [_figure(w, g.id, [f for f in made if compared_group(w, f) == g.id]) for g in others]
    blocks.append(w.paragraph(*_not_made(w, findings)))
    kept = tuple(b for b in blocks if b != w.paragraph())
    return Section("comparison", t.say("section.comparison"), kept) if kept else None


def comparison_made(w: Writer) -> bool:
    """Whether any change of participants over the report's waves was set beside that of another group."""
    contrast = f"{w.m.waves[0]}-{w.m.waves[-1]}" if len(w.m.waves) > 1 else None
    return any(
        f.question == "difference_in_differences" and not f.declined and f.contrast == contrast for f in w.m.findings
    )


def _not_made(w: Writer, findings: list[FindingRow]) -> list[Sentence]:
    """Each reason once a contrast."""
    reasons = dict.fromkeys((f.contrast, f.declined.rstrip(".")) for f in findings if f.declined)
    sentences = []
    for contrast, reason in reasons:
        start, end = (contrast or "-").split("-", 1)
        sentences.append(
            w.t.sentence("difference_in_differences.not_made", start=w.wave(start), end=w.wave(end), reason=reason)
        )
    return sentences


def _figure(w: Writer, group: str, findings: list[FindingRow]) -> Figure | Table:
    t = w.t
    suffix = "" if len(w.m.study.groups.values) <= 2 else f"-{group}"
    name = w.group(group)
    rows = []
    for f in findings:
        label = t.say("difference_in_differences.pair", label=w.title(f.outcome), contrast=w.contrast(f.contrast))
        bounds, welch = _by(f, "lee_bounds"), _by(f, "did_welch")
        rows.append(
            Row(
                (
                    label,
                    w.whole(f.n),
                    w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True),
                    w.estimate(welch.estimate, welch.ci_low, welch.ci_high, plus=True) if welch else t.say("none"),
                    Words(t.interval(bounds.ci_low, bounds.ci_high) if bounds else t.say("none")),
                    t.say("number", number=t.p(f.p_value)),
                    w.verdict(f.verdict),
                    w.planned(f),
                ),
                f.finding_id,
            )
        )
    columns = w.columns("outcome", "n#", "model_ci#", "welch_ci#", "bounds#", "p#", "verdict", "status")
    note = t.sentence("difference_in_differences.note")
    caption = t.say("difference_in_differences.table", group=name)
    table = Table(f"comparison-table{suffix}", caption, columns, tuple(rows), (note,))
    drawn = [f for f in findings if f.estimate is not None and f.ci_low is not None and f.ci_high is not None]
    if not drawn:
        return table
    caption = t.say("difference_in_differences.figure", group=name)
    contrasts = dict.fromkeys(f.contrast for f in drawn)
    panels = tuple(_panel(w, name, c, [f for f in drawn if f.contrast == c]) for c in contrasts)
    return Figure(f"comparison-figure{suffix}", caption, panels, table)


def _panel(w: Writer, name: Text, contrast: str | None, findings: list[FindingRow]) -> Panel:
    """The differences over one contrast, against the size that matters."""
    t = w.t
    data, spoken = [], []
    for f in findings:
        text = w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True)
        data.append((str(w.title(f.outcome)), f.estimate or 0.0, f.ci_low or 0.0, f.ci_high or 0.0, str(text)))
        spoken.append(t.say("trust.dot_spoken", label=w.scale(f.outcome), change=text))
    spec = specs.dot_plot(data, w.m.study.plan.equivalence_bound, t.say("axis.difference"))
    alternative = t.say("difference_in_differences.alternative", group=name, spoken=t.join(spoken))
    return Panel(w.capital(w.contrast(contrast)), alternative, chart=spec)


def _by(f: FindingRow, method: str) -> EstimateRow | None:
    return next((e for e in f.estimates if e.method == method and not e.declined), None)
