"""What this means: questions to act on, how many people the next wave would need, and the evaluator's own reading."""

from __future__ import annotations

from coprod_trust.analysis.finding import Verdict
from coprod_trust.analysis.planning import people_needed
from coprod_trust.report.guards import ALLOWS_DIRECTION
from coprod_trust.report.model import Block, Heading, Listing, Paragraph, Row, Section, Sentence, Table, Theirs
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.sections.own_text import text_blocks
from coprod_trust.report.sections.summary import findings_on_page_one
from coprod_trust.report.writer import Writer

MOST_CODES = 3


def meaning(w: Writer) -> Section:
    """Always there: where the evaluator wrote nothing, it says what is still to be written and where."""
    t = w.t
    blocks: list[Block] = [w.paragraph(t.sentence("meaning.intro"))]
    questions = _questions(w)
    if questions:
        blocks += [Heading("to-act-on", t.say("meaning.questions")), Listing(tuple(questions))]
    blocks += _needed(w)
    for name in ("interpretation", "recommendations"):
        blocks.append(Heading(name, t.say(f"meaning.{name}")))
        blocks += text_blocks(w, name) or [w.paragraph(t.sentence("own.missing", name=f"text/{name}.md"))]
    return Section("meaning", t.say("section.meaning"), tuple(blocks))


def _questions(w: Writer) -> list[Paragraph]:
    """What the findings ask of the people concerned: never an answer."""
    t = w.t
    shown = findings_on_page_one(w)
    asked: list[Sentence] = []
    for f in shown:
        if f.question == "change" and f.verdict in ALLOWS_DIRECTION and f.estimate is not None:
            key = "meaning.fell" if f.estimate < 0 else "meaning.rose"
            asked.append(t.sentence(key, finding_id=f.finding_id, direction=True, label=w.scale(f.outcome)))
    # Once an outcome: its latest contrast comes last.
    told = (w.m.finding(m.finding_id) for m in w.m.meta if m.fit == "discordance")
    differ = {f.outcome: f for f in told if f is not None}
    for f in differ.values():
        asked.append(t.sentence("meaning.discordance", finding_id=f.finding_id, label=w.scale(f.outcome)))
    spoken = [c for c in w.m.codes if c.n_participants][:MOST_CODES]
    if spoken:
        asked.append(t.sentence("meaning.codes", names=t.join([Theirs(f"'{c.name}'") for c in spoken])))
    mine = [r for r in w.m.flow if r.study_group == w.m.study.groups.participants]
    if mine and mine[-1].ordinal > 0 and mine[0].n_starters > mine[-1].n_starters:
        asked.append(t.sentence("meaning.left", count=mine[0].n_starters - mine[-1].n_starters))
    return [w.paragraph(s) for s in dict.fromkeys(asked)]


def _needed(w: Writer) -> list[Block]:
    """For each inconclusive change on the primary contrast, how many people the next wave would need."""
    t = w.t
    open_ones = [f for s in w.m.study.scales if (f := w.m.change(s)) is not None and f.verdict == Verdict.INCONCLUSIVE]
    rows = [_need(w, f) for f in open_ones if f.std_error and f.n and f.n > 1]
    if len(w.m.waves) < 2:
        return []
    heading = Heading("needed", t.say("meaning.needed"))
    if not rows:
        return [heading, w.paragraph(t.sentence("meaning.none_open"))]
    note = t.sentence("meaning.needed_note", delta=w.delta, alpha=t.bare(w.m.study.plan.alpha))
    columns = w.columns("outcome", "both#", "needed#")
    return [heading, Table("needed-table", t.say("meaning.needed_table"), columns, tuple(rows), (note,))]


def _need(w: Writer, f: FindingRow) -> Row:
    """From the spread of the changes of those who answered both times, where the paired test gives it."""
    plan = w.m.study.plan
    paired = next((e for e in f.estimates if e.method == "paired_t" and e.std_error and e.n), None)
    std_error, n = (paired.std_error, paired.n) if paired else (f.std_error, f.n)
    needed = people_needed(std_error or 0.0, n or 0, plan.equivalence_bound, plan.alpha)
    return Row((w.outcome_title(f), w.whole(f.n), w.whole(needed)), f.finding_id)
