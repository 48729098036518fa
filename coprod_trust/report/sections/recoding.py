"""What changes of the codebook did to the links of codes with change."""

from __future__ import annotations

from coprod_trust.privacy.disclosure import may_show, minimum_group
from coprod_trust.report.model import Block, Row, Sentence, Table, Text, Theirs, Words
from coprod_trust.report.sections.evidence import people
from coprod_trust.report.voices import RecodingRow
from coprod_trust.report.writer import Writer


def recoded(w: Writer) -> list[Block]:
    """Each code that became another, by scale: who was coded with it and who is now, and the difference of their change
    from others'. Nothing where the codebook stayed as it was."""
    rows = w.m.voices.recodings
    if not rows:
        return []
    order = [s.id for s in w.m.study.scales]
    ordered = sorted(rows, key=lambda r: (r.from_version, r.from_code, r.to_code or "", order.index(r.outcome)))
    columns = w.columns(
        "code_before_after",
        "what_became",
        "outcome",
        "people_before#",
        "people_after#",
        "people_kept#",
        "difference_before#",
        "difference_after#",
        "stances_to_see#",
    )
    note = w.t.sentence("recoding.note", minimum=minimum_group(w.edition))
    table = Table("code-change", w.t.say("recoding.table"), columns, tuple(_row(w, r) for r in ordered), (note,), True)
    return [w.paragraph(_told(w, rows)), table]


def _told(w: Writer, rows: tuple[RecodingRow, ...]) -> Sentence:
    changed = {(r.from_version, r.from_code): r.n_stances for r in rows}
    return w.t.sentence("recoding.told", len(changed), stances=sum(changed.values()))


def _row(w: Writer, r: RecodingRow) -> Row:
    became = Theirs(r.to_code) if r.to_code else w.t.say("recoding.given_up")
    cells: tuple[Text, ...] = (
        w.t.say("recoding.code", before=Theirs(r.from_code), version=Theirs(r.from_version),
                after=became),
        w.t.say(f"recoding.{r.kind}"),
        w.scale(r.outcome),
        *(people(w, n, r.n_people) for n in (r.n_people_before, r.n_people_after, r.n_people_kept)),
        _difference(w, r.difference_before, r.n_people_before, r.n_people),
        _difference(w, r.difference_after, r.n_people_after, r.n_people),
        # Passages of few people are not counted where the people are not.
        w.whole(r.n_stances) if may_show(r.n_people_before, w.edition) else w.t.say("not_shown"),
    )  # fmt: skip
    return Row(cells, f"change.{r.outcome}.{r.contrast}")


def _difference(w: Writer, value: float | None, n: int, of: int) -> Words:
    """In points; none where either side is too few to be shown."""
    if value is None or not (n and of - n and may_show(n, w.edition) and may_show(of - n, w.edition)):
        return w.t.say("none")
    return w.t.say("number", number=w.t.number(value, plus=True))
