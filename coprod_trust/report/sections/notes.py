"""What people said, and numbers and notes together."""

from __future__ import annotations

from coprod_trust.privacy.disclosure import may_show
from coprod_trust.report.charts import specs
from coprod_trust.report.model import Block, Figure, Heading, Panel, Quote, Row, Section, Table, Theirs
from coprod_trust.report.read import CodeRow, FindingRow, TrajectoryRow
from coprod_trust.report.writer import Writer

MOST_BARS = 15
MOST_QUOTES = 12


def said(w: Writer) -> Section:
    """Codes by number of participants, and the quotes that may be shown."""
    title = w.t.say("section.said")
    base = w.m.notes_base
    if base is None or not base.n_segments:
        return Section("said", title, (w.paragraph(w.t.sentence("said.none")),))
    blocks: list[Block] = [
        w.paragraph(
            w.t.sentence("said.base", segments=base.n_segments, documents=base.n_documents, people=base.n_participants),
            w.t.sentence("said.unit"),
            w.t.sentence("said.unidentified", count=base.n_unidentified) if base.n_unidentified else None,
        )
    ]
    codes = [c for c in w.m.codes if c.n_segments]
    shown = [c for c in codes if c.n_participants and may_show(c.n_participants, w.edition)]
    if shown:
        blocks.append(_codes_figure(w, codes, shown, base.n_participants))
    elif codes:
        blocks.append(_codes_table(w, codes, base.n_participants))
    blocks += _quotes(w)
    return Section("said", title, tuple(blocks))


def _codes_figure(w: Writer, codes: list[CodeRow], shown: list[CodeRow], people: int) -> Figure:
    drawn = shown[:MOST_BARS]
    spec = specs.code_bars([(c.name, c.n_participants) for c in drawn], w.t.say("axis.participants_spoke", n=people))
    spoken = w.t.join([w.t.say("said.spoken", name=Theirs(c.name), n=c.n_participants) for c in drawn])
    notes = (w.t.sentence("said.figure_note", n=len(drawn)),) if len(shown) > len(drawn) else ()
    panel = Panel(w.t.say("said.panel"), w.t.say("said.alternative", spoken=spoken, n=people), chart=spec)
    return Figure("codes", w.t.say("said.figure"), (panel,), _codes_table(w, codes, people), notes)


def _codes_table(w: Writer, codes: list[CodeRow], people: int) -> Table:
    rows = [
        Row(
            (
                Theirs(c.name),
                Theirs(c.construct or ""),
                w.share(c.n_participants, people)
                if c.n_participants and may_show(c.n_participants, w.edition)
                else w.t.say("not_shown"),
                w.whole(c.n_segments) if may_show(c.n_participants, w.edition) else w.t.say("not_shown"),
            )
        )
        for c in codes
    ]
    columns = w.columns("code", "construct", "participants#", "segments#")
    return Table("codes-table", w.t.say("said.table"), columns, tuple(rows), (w.t.sentence("note.small_groups"),))


def _quotes(w: Writer) -> list[Block]:
    if not w.m.quotes:
        return [w.paragraph(w.t.sentence("said.no_quotes"))]
    blocks: list[Block] = [Heading("quotes", w.t.say("said.quotes"))]
    blocks.append(w.paragraph(w.t.sentence("said.quotes_note")))
    blocks += [
        Quote(Theirs(q.text), w.t.say("said.by", name=Theirs(q.code)), q.segment_id) for q in w.m.quotes[:MOST_QUOTES]
    ]
    return blocks


def together(w: Writer) -> Section:
    """The joint display: change of people coded with a code beside those interviewed and not coded."""
    title = w.t.say("section.together")
    rows = w.m.trajectories
    if not rows:
        key = "together.one_wave" if len(w.m.waves) < 2 else "together.none"
        return Section("together", title, (w.paragraph(w.t.sentence(key)),))
    blocks: list[Block] = [w.paragraph(w.t.sentence("together.intro"), w.t.sentence("together.exploratory"))]
    outcomes = list(dict.fromkeys(r.outcome for r in rows))
    primary = {s.id: c.id for s in w.m.study.scales if (c := w.m.contrast(s)) is not None}
    for outcome in outcomes:
        scale = w.m.scale(outcome)
        mine = [r for r in rows if r.outcome == outcome]
        main = [r for r in mine if scale is not None and r.contrast == primary.get(scale.id)] or mine
        blocks.append(_joint(w, outcome, main))
    if w.m.meta:
        blocks.append(_meta(w))
    return Section("together", title, tuple(blocks))


def _joint(w: Writer, outcome: str, rows: list[TrajectoryRow]) -> Figure | Table:
    t = w.t
    names = {c.code: c.name for c in w.m.codes}
    rows = sorted(rows, key=lambda r: (r.declined is not None, -(r.n_coded or 0), r.code))
    table = _joint_table(w, outcome, rows, names)
    drawn = [
        r for r in rows if r.mean_change_coded is not None and r.mean_change_not_coded is not None and not r.declined
    ]
    drawn = drawn[:MOST_BARS]
    if not drawn:
        return table
    spec = specs.coded_dots(
        [
            (
                f"{names.get(r.code, r.code)} ({r.n_coded} / {r.n_not_coded})",
                r.mean_change_coded or 0.0,
                r.mean_change_not_coded or 0.0,
            )
            for r in drawn
        ],
        (t.say("together.coded"), t.say("together.not_coded")),
        t.say("axis.mean_change"),
    )
    spoken = t.join(
        [
            t.say(
                "together.spoken",
                name=Theirs(names.get(r.code, r.code)),
                coded=t.number(r.mean_change_coded),
                other=t.number(r.mean_change_not_coded),
            )
            for r in drawn
        ]
    )
    panel = Panel(w.title(outcome), t.say("together.alternative", label=w.scale(outcome), spoken=spoken), chart=spec)
    caption = t.say("together.figure", label=w.scale(outcome), contrast=w.contrast(rows[0].contrast))
    return Figure(f"joint-{outcome}", caption, (panel,), table, (t.sentence("together.note"),))


def _joint_table(w: Writer, outcome: str, rows: list[TrajectoryRow], names: dict[str, str]) -> Table:
    t = w.t
    cells = []
    for r in rows:
        finding = f"change.{outcome}.{r.contrast}"
        known = w.m.finding(finding) or next(
            (f for f in w.m.findings if f.question == "change" and (f.outcome, f.contrast) == (outcome, r.contrast)),
            None,
        )
        cells.append(
            Row(
                (
                    Theirs(names.get(r.code, r.code)),
                    w.count(r.n_coded),
                    t.say("number", number=t.number(r.mean_change_coded)) if _shown(w, r) else t.say("not_shown"),
                    w.count(r.n_not_coded),
                    t.say("number", number=t.number(r.mean_change_not_coded)) if _shown(w, r) else t.say("not_shown"),
                    t.say("number", number=t.number(r.difference)) if not r.declined else t.say("declined.short"),
                    t.say("number", number=t.p(r.p_value)),
                    t.say("number", number=t.p(r.p_adjusted)),
                    t.say(
                        "together.talk",
                        coded=t.number(r.segments_per_person_coded),
                        other=t.number(r.segments_per_person_not_coded),
                    )
                    if _shown(w, r)
                    else t.say("not_shown"),
                ),
                known.finding_id if known else finding,
            )
        )
    columns = w.columns(
        "code",
        "n_coded#",
        "change_coded#",
        "n_not_coded#",
        "change_not_coded#",
        "difference#",
        "p#",
        "p_adjusted#",
        "talk#",
    )
    reasons = dict.fromkeys(r.declined for r in rows if r.declined)
    notes = tuple(t.sentence("together.declined", reason=str(reason).rstrip(".")) for reason in reasons)
    caption = t.say("together.table", label=w.scale(outcome), contrast=w.contrast(rows[0].contrast))
    return Table(f"joint-{outcome}-table", caption, columns, tuple(cells), notes)


def _shown(w: Writer, r: TrajectoryRow) -> bool:
    return not r.declined and all(may_show(n or 0, w.edition) for n in (r.n_coded, r.n_not_coded))


def _meta(w: Writer) -> Table:
    rows = []
    for meta in w.m.meta:
        finding: FindingRow | None = w.m.finding(meta.finding_id)
        rows.append(
            Row(
                (
                    w.title(finding.outcome) if finding else Theirs(meta.finding_id),
                    w.verdict(finding.verdict if finding else None),
                    w.count(meta.n_confirms),
                    w.count(meta.n_contrasts),
                    w.count(meta.n_expands),
                    w.count(meta.n_silent_asked),
                    Theirs(meta.fit or ""),
                ),
                meta.finding_id,
            )
        )
    columns = w.columns("outcome", "verdict", "confirms#", "contrasts#", "expands#", "silent#", "fit")
    return Table("meta-table", w.t.say("together.meta"), columns, tuple(rows))
