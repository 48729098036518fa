"""Those who take part and those who work there, on the same themes: side by side, never added up."""

from __future__ import annotations

from coprod_trust.report.model import Block, Row, Table, Text, Theirs
from coprod_trust.report.sections.evidence import people
from coprod_trust.report.voices import ActorRow
from coprod_trust.report.writer import Writer

FIRST = "uncertainty"  # the theme that design A10 is about


def two_actors(w: Writer) -> list[Block]:
    """The themes that professionals spoke to, uncertainty first; for the team alone, since professionals are few."""
    base = w.m.notes_base
    if base is None or not w.m.voices.actors:
        return []
    constructs = {c.code: c.construct for c in w.m.codes}
    ordered = sorted(w.m.voices.actors, key=lambda a: (constructs.get(a.code) != FIRST, -a.n_passages, a.code))
    rows = tuple(_row(w, a, constructs.get(a.code), base.n_participants) for a in ordered)
    columns = w.columns("code", "participants#", "survey", "staff_passages#", "staff_documents#")
    return [Table("two-actors", w.t.say("actors.table"), columns, rows, (w.t.sentence("actors.note"),))]


def _row(w: Writer, a: ActorRow, construct: str | None, of: int) -> Row:
    name = next((c.name for c in w.m.codes if c.code == a.code), a.code)
    scale = w.construct_scale(construct) if construct else None
    change = w.m.change(scale) if scale else None
    survey: Text = w.t.say("evidence.not_in_survey")
    if change:
        survey = w.t.say("actors.survey", label=w.title(change.outcome), verdict=w.verdict(change.verdict))
    cells = (Theirs(name), people(w, a.n_participants, of), survey, w.whole(a.n_passages), w.whole(a.n_documents))
    return Row(cells, change.finding_id if change else None)
