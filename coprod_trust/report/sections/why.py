"""Why people take part, in their own terms: cases beside each other, links, the order of telling, looking back,
motives, and whether more interviews would have brought more."""

from __future__ import annotations

from collections.abc import Sequence

from coprod_trust.privacy.disclosure import Edition, may_show, minimum_group, suppress
from coprod_trust.report.charts.saturation import saturation_curve
from coprod_trust.report.model import Block, Column, Figure, Panel, Row, Section, Sentence, Table, Text, Theirs, Words
from coprod_trust.report.sections.evidence import people
from coprod_trust.report.voices import CaseRow, ElementRow, SaturationRow
from coprod_trust.report.writer import Writer
from coprod_trust.study.engagement import DEFAULT_APPRAISALS, Element, default_elements


def why(w: Writer) -> Section | None:
    """None without notes."""
    base = w.m.notes_base
    if base is None or not base.n_segments:
        return None
    blocks: list[Block] = [w.paragraph(w.t.sentence("why.intro"))]
    blocks += [*_who(w), *_matrix(w, "model"), *_matrix(w, "new"), *_links(w), *_ladder(w), *_back(w)]
    blocks += [*_matrix(w, "motive"), *_saturation(w)]
    return Section("why", w.t.say("section.why"), tuple(blocks))


def _who(w: Writer) -> list[Block]:
    """Who was heard in each case; counts of participation, small ones hidden with enough others."""
    cases = w.m.voices.cases
    if not cases:
        return []
    hidden: dict[str, int | None] = {c.case_name: c.n_people for c in cases}
    interviews: dict[str, int | None] = {c.case_name: c.n_interviews for c in cases}
    if w.edition is Edition.PUBLIC:
        # An interview is a person: where people are not counted, their interviews are not either.
        hidden, interviews = (suppress({k: n or 0 for k, n in x.items()}, w.edition) for x in (hidden, interviews))
    rows = [
        Row(
            (
                _case(w, c.case_name),
                w.whole(c.n_groups),
                _count(w, interviews[c.case_name]),
                _count(w, hidden[c.case_name]),
                *_roles(w, c),
            )
        )
        for c in _in_order(w, cases)
    ]
    if all(interviews[c.case_name] is None and hidden[c.case_name] is None for c in cases):
        return []
    columns = w.columns("case", "groups#", "interviews#", "people#", "citizens#", "professionals#")
    return [Table("who-was-heard", w.t.say("why.heard"), columns, tuple(rows), (w.t.sentence("why.heard_note"),))]


def _roles(w: Writer, c: CaseRow) -> tuple[Text, Text]:
    if w.edition is Edition.PUBLIC:
        return w.t.say("not_shown"), w.t.say("not_shown")
    return w.whole(c.n_citizens), w.whole(c.n_professionals)


def _count(w: Writer, n: int | None) -> Text:
    return w.t.say("not_shown") if n is None else w.whole(n)


def _case(w: Writer, name: str) -> Theirs:
    """The case's label with what sets it apart, where the study says so."""
    declared = next((c for c in w.m.study.notes.engagement.cases if c.name == name), None)
    if declared is None:
        return Theirs(name)
    traits = "; ".join(f"{k}: {v}" for k, v in declared.attributes.items())
    return Theirs((declared.label or name) + (f" ({traits})" if traits else ""))


def _in_order(w: Writer, cases: Sequence[CaseRow]) -> list[CaseRow]:
    declared = [c.name for c in w.m.study.notes.engagement.cases]
    return sorted(
        cases, key=lambda c: (declared.index(c.case_name) if c.case_name in declared else len(declared), c.case_name)
    )


def _matrix(w: Writer, kind: str) -> list[Block]:
    """Elements of one kind by case. Where a case is small its people are not counted, and in the public edition no case
    with too few people is shown."""
    cells = {(e.element, e.case_name): e for e in w.m.voices.elements if e.kind == kind}
    if not cells:
        return []
    cases = [c for c in _in_order(w, w.m.voices.cases) if may_show(c.n_citizens, w.edition)]
    if w.edition is Edition.PUBLIC and not cases:
        return [w.paragraph(w.t.sentence("why.cases_too_small"))] if kind == "model" else []
    shown = cases if w.edition is Edition.PUBLIC else _in_order(w, w.m.voices.cases)
    elements = [e for e in w.m.study.notes.engagement.elements if e.kind == kind and any(e.id == x for x, _ in cells)]
    heard = [e for e in elements if any(cells[e.id, c.case_name].status.startswith("mentioned") for c in shown)]
    if kind != "model":
        elements = heard
    if not elements:
        return [w.paragraph(w.t.sentence(f"why.no_{kind}"))]
    rows = [
        Row((w.at_start(_label(w, e)), *(_status(w, cells[e.id, c.case_name], c) for c in shown))) for e in elements
    ]
    columns = (*w.columns("element"), *(Column(_case(w, c.case_name)) for c in shown))
    notes = [w.t.sentence(f"why.{kind}_note")]
    said = {cells[e.id, c.case_name].status for e in elements for c in shown}
    if kind == "model" and "mentioned differently" in said:
        notes.append(w.t.sentence("why.model_differently"))
    notes += [w.t.sentence("why.reading", label=_label(w, e), note=_note(w, e)) for e in elements if e.note]
    return [Table(f"matrix-{kind}", w.t.say(f"why.{kind}"), columns, tuple(rows), tuple(notes))]


def _label(w: Writer, e: Element) -> Text:
    """The name of an element: the study's own, or ours in the language of the report where the study left it alone."""
    ours = next((d for d in default_elements() if (d.id, d.label) == (e.id, e.label)), None)
    return w.t.say(f"element.{e.id}") if ours else Theirs(e.label)


def _note(w: Writer, e: Element) -> Text:
    ours = next((d for d in default_elements() if (d.id, d.note) == (e.id, e.note)), None)
    return w.t.say(f"element_note.{e.id}") if ours else Theirs(e.note)


def _appraisal(w: Writer, name: str) -> Text:
    key = f"appraisal.{name.replace(' ', '_')}"
    return w.t.say(key) if name in DEFAULT_APPRAISALS else Theirs(name)


def _status(w: Writer, e: ElementRow, c: CaseRow) -> Text:
    key = f"why.status.{e.status.replace(' ', '_')}"
    if not e.n_people:
        return w.t.say(key)
    return w.t.say("why.status_of", status=w.t.say(key), n=people(w, e.n_people, max(c.n_citizens, e.n_people)))


def _links(w: Writer) -> list[Block]:
    links = w.m.voices.links
    base = w.m.notes_base
    if not links or base is None:
        return []
    labels = {e.id: _label(w, e) for e in w.m.study.notes.engagement.elements}
    of = max(base.n_participants, *(k.n_people for k in links))
    rows = [
        Row(
            (
                w.t.say(
                    "why.link",
                    source=w.at_start(labels.get(k.source, Theirs(k.source))),
                    target=labels.get(k.target, Theirs(k.target)),
                ),
                w.t.say("yes" if k.expected else "no"),
                people(w, k.n_people, of),
                w.whole(k.n_cases),
            )
        )
        for k in links
    ]
    columns = w.columns("link", "expected", "people#", "cases#")
    return [Table("links", w.t.say("why.links"), columns, tuple(rows), (w.t.sentence("why.links_note"),), folded=True)]


def _ladder(w: Writer) -> list[Block]:
    ladder = w.m.voices.ladder
    if ladder is None:
        return []
    if not may_show(ladder.n_narratives, w.edition) or not ladder.n_narratives:
        return [w.paragraph(w.t.sentence("why.ladder_few"))]
    share = people(w, ladder.n_in_order, ladder.n_narratives)
    return [
        w.paragraph(
            w.t.sentence("why.ladder", n=share, total=ladder.n_narratives),
            w.t.sentence("why.ladder_order"),
        )
    ]


def _back(w: Writer) -> list[Block]:
    """What people made of it so far and who answered later: small groups hidden."""
    rows = [
        Row(
            (
                w.at_start(_appraisal(w, a.appraisal)),
                people(w, a.n_people, max(a.n_people, w.m.notes_base.n_participants if w.m.notes_base else 0)),
                w.share(a.n_answered, a.n_people)
                if may_show(a.n_answered, w.edition) and may_show(a.n_people - a.n_answered, w.edition)
                else w.t.say("not_shown"),
            )
        )
        for a in w.m.voices.appraisals
        if may_show(a.n_people, w.edition)
    ]
    if not rows:
        return [w.paragraph(w.t.sentence("why.back_none"))] if w.m.voices.appraisals else []
    columns = w.columns("appraisal", "people#", "answered_later#")
    caption = w.t.say("why.back", wave=w.wave(w.m.voices.appraisals[0].later_wave))
    return [
        Table(
            "looking-back",
            caption,
            columns,
            tuple(rows),
            (w.t.sentence("note.small_groups", minimum=minimum_group(w.edition)),),
        )
    ]


def _saturated(w: Writer, code_set: str, points: list[SaturationRow]) -> list[Sentence]:
    """When few new codes came for the first time, and how many came after that all the same."""
    name = w.t.say(f"why.codes_{code_set}")
    first = next((p for p in points if p.saturated), None)
    if first is None:
        return [w.t.sentence("why.not_saturated", name=name)]
    said = [w.t.sentence("why.saturated", name=name, at=first.ordinal)]
    later = max(p.n_codes for p in points) - first.n_codes
    return [*said, w.t.sentence("why.later", count=later)] if later else said


def _saturation(w: Writer) -> list[Block]:
    points = w.m.voices.saturation
    blocks: list[Block] = []
    if points:
        sets = [s for s in ("all", "inductive") if any(p.code_set == s for p in points)]
        names = {s: w.t.say(f"why.codes_{s}") for s in sets}

        def said(p: SaturationRow) -> Words:
            return w.t.say("why.curve_spoken", name=names[p.code_set], n=p.n_codes, documents=p.ordinal)

        curves = [
            (s, str(names[s]), [(p.ordinal, p.n_codes, str(said(p))) for p in points if p.code_set == s]) for s in sets
        ]
        spec = saturation_curve(curves, w.t.say("axis.documents"), w.t.say("axis.codes"))
        last = {s: max((p for p in points if p.code_set == s), key=lambda p: p.ordinal) for s in sets}
        spoken = w.t.join([said(last[s]) for s in sets])
        series = tuple(names.items()) if len(sets) > 1 else ()
        panel = Panel(w.t.say("why.saturation"), w.t.say("why.curve_alternative", spoken=spoken), series, chart=spec)
        rows = [
            Row(
                (
                    w.t.say("why.document_of", set=w.t.say(f"why.codes_{p.code_set}"), n=p.ordinal),
                    w.whole(p.n_new),
                    w.whole(p.n_codes),
                    w.t.say("none")
                    if p.new_information is None
                    else w.t.say("number", number=w.t.number(100 * p.new_information, 0)),
                )
            )
            for p in points
        ]
        table = Table(
            "saturation-table",
            w.t.say("why.saturation"),
            w.columns("document", "new_codes#", "codes_so_far#", "new_information#"),
            tuple(rows),
        )
        notes = [n for s in sets for n in _saturated(w, s, [p for p in points if p.code_set == s])]
        blocks.append(
            Figure(
                "saturation", w.t.say("why.saturation"), (panel,), table, (*notes, w.t.sentence("why.saturation_note"))
            )
        )
    for code_set, reason in w.m.voices.not_saturated:
        blocks.append(
            w.paragraph(
                w.t.sentence(
                    "why.saturation_declined", name=w.t.say(f"why.codes_{code_set}"), reason=w.t.phrase(reason)
                )
            )
        )
    return blocks
