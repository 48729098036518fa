"""Numbers and notes together: the joint display of codes by trajectory, and findings weighed against the notes."""

from __future__ import annotations

from coprod_trust.privacy.disclosure import may_show, minimum_group
from coprod_trust.report.charts import specs
from coprod_trust.report.model import Block, Figure, Panel, Row, Section, Sentence, Table, Text, Theirs
from coprod_trust.report.rows import TrajectoryRow
from coprod_trust.report.sections.actors import two_actors
from coprod_trust.report.sections.evidence import weighed
from coprod_trust.report.sections.recoding import recoded
from coprod_trust.report.sentences import subtracts
from coprod_trust.report.writer import Writer

MOST_DRAWN = 10


def together(w: Writer) -> Section:
    """Change of people coded with a code beside those interviewed and not coded, scale by scale."""
    title = w.t.say("section.together")
    rows = _main_contrasts(w)
    if not rows:
        key = "together.one_wave" if len(w.m.waves) < 2 else "together.none"
        return Section("together", title, (w.paragraph(w.t.sentence(key)), *weighed(w), *two_actors(w)))
    blocks: list[Block] = [w.paragraph(*_intro(w, rows))]
    drawn = {
        o: [r for r in rows if r.outcome == o and _shown(w, r)][:MOST_DRAWN]
        for o in dict.fromkeys(r.outcome for r in rows)
    }
    ends = _ends([r for of_outcome in drawn.values() for r in of_outcome])
    panels = [_panel(w, outcome, of_outcome, ends) for outcome, of_outcome in drawn.items() if of_outcome]
    table = _table(w, rows)
    if panels:
        caption = w.t.say("together.figure", contrast=w.contrast(rows[0].contrast))
        note = w.t.sentence("together.note", minimum=minimum_group(w.edition))
        blocks.append(Figure("joint", caption, tuple(panels), table, (note,)))
    else:
        blocks.append(table if table.rows else w.paragraph(*table.notes))
    blocks += [*recoded(w), *weighed(w), *two_actors(w)]
    return Section("together", title, tuple(blocks))


def _main_contrasts(w: Writer) -> list[TrajectoryRow]:
    """The rows on each scale's primary contrast, in the order of the study, the most frequent codes first."""
    order = [s.id for s in w.m.study.scales]
    primary = {s.id: c.id for s in w.m.study.scales if (c := w.m.contrast(s)) is not None}
    rows = [r for r in w.m.trajectories if primary.get(r.outcome) == r.contrast]
    return sorted(rows, key=lambda r: (order.index(r.outcome), r.declined is not None, -r.n_coded, r.code))


def _intro(w: Writer, rows: list[TrajectoryRow]) -> list[Sentence]:
    t = w.t
    least = min(r.n_not_interviewed for r in rows)
    sentences = [t.sentence("together.intro"), t.sentence("together.left_out", count=least)]
    after = max((r.n_interviewed_after or 0 for r in rows), default=0)
    if after:
        sentences.append(t.sentence("together.after", count=after))
    tested = [r.p_adjusted for r in rows if r.p_adjusted is not None]
    below = sum(p < w.m.study.plan.alpha for p in tested)
    sentences.append(t.sentence("together.exploratory"))
    if tested:
        alpha = t.bare(w.m.study.plan.alpha)
        key = "together.tested" if below else "together.tested_none"
        sentences.append(t.sentence(key, below, n=len(tested), alpha=alpha))
    return sentences


def _name(w: Writer, code: str) -> Theirs:
    return next((Theirs(c.name) for c in w.m.codes if c.code == code), Theirs(code))


def _ends(rows: list[TrajectoryRow]) -> tuple[float, float]:
    """The ends of the axis that the drawings share."""
    values = [0.0, *(v for r in rows for v in (r.mean_change_coded, r.mean_change_not_coded) if v is not None)]
    margin = 0.05 * (max(values) - min(values)) + 0.5
    return min(values) - margin, max(values) + margin


def _panel(w: Writer, outcome: str, drawn: list[TrajectoryRow], ends: tuple[float, float]) -> Panel:
    t = w.t
    spoken = [
        t.say(
            "together.spoken",
            name=_name(w, r.code),
            coded=t.number(r.mean_change_coded),
            other=t.number(r.mean_change_not_coded),
        )
        for r in drawn
    ]
    dots = [
        (
            f"{_name(w, r.code)} ({r.n_coded} / {r.n_not_coded})",
            r.mean_change_coded or 0.0,
            r.mean_change_not_coded or 0.0,
            str(told),
        )
        for r, told in zip(drawn, spoken, strict=True)
    ]
    names = (t.say("together.coded"), t.say("together.not_coded"))
    spec = specs.coded_dots(dots, ends, names, t.say("axis.mean_change"))
    alternative = t.say("together.alternative", label=w.scale(outcome), spoken=t.join(spoken))
    return Panel(w.title(outcome), alternative, (("coded", names[0]), ("other", names[1])), chart=spec)


def _table(w: Writer, rows: list[TrajectoryRow]) -> Table:
    columns = w.columns(
        "outcome",
        "code",
        "n_coded#",
        "change_coded#",
        "n_not_coded#",
        "change_not_coded#",
        "difference#",
        "effect_g#",
        "p#",
        "p_adjusted#",
        "fell_beyond#",
        "talk#",
    )
    reasons = dict.fromkeys(r.declined for r in rows if r.declined and not _too_few(w, r))
    small = dict.fromkeys(_name(w, r.code) for r in rows if _too_few(w, r))
    least = minimum_group(w.edition)
    notes = [w.t.sentence("together.small", minimum=least, names=w.t.join(list(small)))] if small else []
    notes += [w.t.sentence("together.declined", reason=str(reason).rstrip(".")) for reason in reasons]
    shown = [r for r in rows if _shown(w, r)]
    if not all(subtracts(r.mean_change_not_coded, r.mean_change_coded, r.difference) for r in shown):
        notes.append(w.t.sentence("note.before_rounding"))
    return Table("joint-table", w.t.say("together.table"), columns, tuple(_row(w, r) for r in shown), tuple(notes))


def _row(w: Writer, r: TrajectoryRow) -> Row:
    t = w.t
    finding = next((f for f in w.m.findings if f.finding_id == f"change.{r.outcome}.{r.contrast}"), None)
    fell: Text = t.say("none")
    if r.n_fell_coded is not None and r.n_fell_not_coded is not None:
        fell = t.say("together.fell", a=r.n_fell_coded, n_a=r.n_coded, b=r.n_fell_not_coded, n_b=r.n_not_coded)
    cells: list[Text] = [
        w.title(r.outcome),
        _name(w, r.code),
        w.whole(r.n_coded),
        t.say("number", number=t.number(r.mean_change_coded, plus=True)),
        w.whole(r.n_not_coded),
        t.say("number", number=t.number(r.mean_change_not_coded, plus=True)),
        t.say("number", number=t.number(r.difference, plus=True)),
        w.estimate(r.effect_size, r.effect_ci_low, r.effect_ci_high, 2),
        t.say("number", number=t.p(r.p_value)),
        t.say("number", number=t.p(r.p_adjusted)),
        fell,
        t.say(
            "together.talk",
            coded=t.number(r.segments_per_person_coded),
            other=t.number(r.segments_per_person_not_coded),
        ),
    ]
    return Row(tuple(cells), finding.finding_id if finding else None)


def _too_few(w: Writer, r: TrajectoryRow) -> bool:
    return (
        not (may_show(r.n_coded, w.edition) and may_show(r.n_not_coded, w.edition)) or min(r.n_coded, r.n_not_coded) < 5
    )


def _shown(w: Writer, r: TrajectoryRow) -> bool:
    return not r.declined and not _too_few(w, r) and None not in (r.mean_change_coded, r.mean_change_not_coded)
