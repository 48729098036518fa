"""Findings held against the notes: side by side with quotes, the ledger of evidence, theory, cases, questions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from coprod_trust.privacy.disclosure import Part, allows, band, may_show, minimum_group
from coprod_trust.privacy.quotes import Quote as Chosen
from coprod_trust.report.model import Block, Heading, Row, Sentence, Table, Text, Theirs, Words
from coprod_trust.report.rows import CodeRow, FindingRow, Meta
from coprod_trust.report.voices import CaseLine
from coprod_trust.report.writer import Writer

MOST_CASES = 3
MOST_QUESTIONS = 5
SIGNS = {"+": "up", "-": "down", "±": "either", "?": "open", "0": "none"}
CONDITIONS = (
    "org_support",
    "commitment",
    "external_efficacy",
    "crowding-out",
    "free-riding",
    "uncertainty",
    "selection",
)


def weighed(w: Writer) -> list[Block]:
    """Everything that sets findings beside what people said to them; without notes nothing."""
    metas = sorted(
        (m for m in w.m.meta if m.weighed and w.m.finding(m.finding_id)),
        key=lambda m: w.m.order(_finding(w, m.finding_id)),
    )
    if not metas:
        if w.m.notes_base is None or not w.m.notes_base.n_segments:
            return []
        # What needs no stance is there all the same.
        return [w.paragraph(w.t.sentence("evidence.none")), *_theory(w), *_cases(w), *_questions(w)]
    return [
        Heading("meta", w.t.say("together.meta_heading")),
        w.paragraph(*_told(w, metas)),
        _meta(w, metas),
        _side_by_side(w, metas),
        *_ledger(w),
        *_theory(w),
        *_cases(w),
        *_questions(w),
    ]


def people(w: Writer, n: int, of: int) -> Words:
    """How many of the few people who spoke: a number; 'fewer than five' of a small group; a band in the public
    edition, or nothing where too few spoke at all."""
    if not allows(w.edition, Part.CODE_COUNT):
        return w.t.say(f"band.{band(n, of)}") if may_show(of, w.edition) else w.t.say("not_shown")
    return Words(w.t.integer(n)) if may_show(n, w.edition) else w.t.say("band.below", least=minimum_group(w.edition))


def fit_words(w: Writer, fit: str | None) -> Words:
    """The fit of numbers and notes in the language of the report; a dash where there is none."""
    return w.t.say(f"fit.{fit.replace(', ', '_').replace(' ', '_')}") if fit else w.t.say("none")


def _finding(w: Writer, finding_id: str) -> FindingRow:
    found = w.m.finding(finding_id)
    assert found is not None, "only findings of the run are weighed"
    return found


def _title(w: Writer, f: FindingRow) -> Text:
    label = w.pair(f) if f.predictor and f.question == "association" else w.outcome_title(f)
    return w.t.say("evidence.title", label=label, contrast=w.contrast(f.contrast))


def _told(w: Writer, metas: Sequence[Meta]) -> list[Sentence]:
    t = w.t
    blind = sum(m.n_blinded for m in metas)
    sentences = [t.sentence("evidence.intro"), t.sentence("evidence.blinded" if blind else "evidence.not_blinded")]
    stale = [m for m in metas if m.n_stale]
    if stale:
        sentences.append(t.sentence("evidence.stale", len(stale)))
    signed = sum(bool(m.signed_off) and not m.sign_off_stale for m in metas)
    sentences.append(t.sentence("evidence.signed", signed, total=len(metas)))
    return sentences


def _meta(w: Writer, metas: Sequence[Meta]) -> Table:
    rows = []
    for m in metas:
        f = _finding(w, m.finding_id)
        silent: Text = w.t.say("not_known")
        if m.n_silent_asked is not None and m.n_not_asked is not None:
            there = m.n_speaking + m.n_stale + m.n_silent_asked + m.n_not_asked
            silent = w.t.say(
                "evidence.silent", asked=people(w, m.n_silent_asked, there), others=people(w, m.n_not_asked, there)
            )
        rows.append(
            Row(
                (
                    _title(w, f),
                    w.verdict(f.verdict),
                    people(w, m.n_confirms, m.n_speaking),
                    people(w, m.n_contrasts, m.n_speaking),
                    people(w, m.n_expands, m.n_speaking),
                    silent,
                    _fit(w, m),
                    _inference(w, m),
                ),
                m.finding_id,
            )
        )
    columns = w.columns("outcome", "verdict", "confirms#", "contrasts#", "expands#", "silent_asked", "fit", "inference")
    return Table("meta-table", w.t.say("together.meta"), columns, tuple(rows), (w.t.sentence("evidence.meta_note"),))


def _fit(w: Writer, m: Meta) -> Text:
    if m.n_stale and not m.fit:
        return w.t.say("evidence.fit_stale")
    key = "evidence.fit_signed" if m.signed_off and not m.sign_off_stale else "evidence.fit_proposed"
    return w.t.say(key, fit=fit_words(w, m.stands)) if m.stands else w.t.say("none")


def _inference(w: Writer, m: Meta) -> Text:
    if not m.signed_off:
        return w.t.say("evidence.not_signed")
    if m.sign_off_stale:
        return w.t.say("evidence.sign_off_stale")
    return Theirs(m.inference) if m.inference else w.t.say("evidence.signed_bare")


def _side_by_side(w: Writer, metas: Sequence[Meta]) -> Table:
    """Finding, numbers, one voice for it and one against it, and the fit."""
    rows = []
    for m in metas:
        f = _finding(w, m.finding_id)
        rows.append(
            Row(
                (
                    _title(w, f),
                    _numbers(w, f),
                    _voice(w, m, "confirms"),
                    _voice(w, m, "contrasts"),
                    fit_words(w, m.stands),
                ),
                m.finding_id,
            )
        )
    columns = w.columns("outcome", "numbers#", "voice_for", "voice_against", "fit")
    return Table(
        "side-by-side", w.t.say("evidence.side_by_side"), columns, tuple(rows), (w.t.sentence("evidence.voices"),)
    )


def _numbers(w: Writer, f: FindingRow) -> Words:
    """A change in points, or a correlation, with its interval."""
    if f.question in ("association", "mechanism"):
        return w.t.say("association.note", r=w.t.bare(f.estimate), ci=w.t.interval(f.ci_low, f.ci_high, 2, bare=True))
    return w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True)


def _voice(w: Writer, m: Meta, stance: str) -> Text:
    """A passage chosen for this edition, else how many people there are."""
    n = m.n_confirms if stance == "confirms" else m.n_contrasts
    if not n:
        return w.t.say("nobody")
    segments = {e.segment_id for e in w.m.voices.evidence if (e.finding_id, e.stance) == (m.finding_id, stance)}
    chosen: Chosen | None = next((q for q in w.m.quotes.get(w.edition, ()) if q.segment_id in segments), None)
    if chosen is None:
        if not may_show(m.n_speaking, w.edition) and not allows(w.edition, Part.CODE_COUNT):
            return w.t.say("evidence.count_hidden")
        key = "evidence.count" if allows(w.edition, Part.CODE_COUNT) else "evidence.count_of"
        return w.t.say(key, n=people(w, n, m.n_speaking))
    key = "evidence.paraphrase" if chosen.paraphrased else "evidence.quote"
    return w.t.say(key, words=Theirs(chosen.text), n=people(w, n, m.n_speaking))


def _ledger(w: Writer) -> list[Block]:
    """Every stance with its segment: for the team, who can look the segment up."""
    evidence = w.m.voices.evidence
    if not evidence or not allows(w.edition, Part.SEGMENT_ID):
        return []
    names = {c.code: c.name for c in w.m.codes}
    rows = [
        Row(
            (
                _title(w, _finding(w, e.finding_id)) if w.m.finding(e.finding_id) else Theirs(e.finding_id),
                w.t.say(f"stance.{e.stance}"),
                Theirs(e.segment_id),
                Theirs("; ".join(names.get(c, c) for c in e.codes) or "–"),
                w.t.say("not_known" if e.blinded is None else "yes" if e.blinded else "no"),
                w.t.say("evidence.is_stale" if e.stale else "evidence.stands"),
            ),
            e.finding_id,
        )
        for e in evidence
    ]
    columns = w.columns("outcome", "stance", "segment", "codes", "blinded", "stands")
    note = (w.t.sentence("evidence.ledger_note"),)
    return [Table("evidence-ledger", w.t.say("evidence.ledger"), columns, tuple(rows), note, folded=True)]


def _theory(w: Writer) -> list[Block]:
    """Construct, what theory expects of trust in the provider, what the survey says of it, what was spoken of."""
    base = w.m.notes_base
    if base is None:
        return []
    spoken = [c for c in w.m.codes if c.construct and c.n_participants and any(c.expected)]
    rows = []
    for construct, codes in groupby(sorted(spoken, key=lambda c: str(c.construct)), key=lambda c: str(c.construct)):
        mine = list(codes)
        scales = [s for part in construct.split(", ") if (s := w.construct_scale(part)) is not None]
        changes = [f for s in scales if (f := w.m.change(s)) is not None]
        rows.append(
            Row(
                (
                    w.construct(construct),
                    _one_after_another([_expectation(w, c) for c in mine]),
                    _surveyed(w, changes),
                    _one_after_another([_heard(w, c, base.n_participants) for c in mine]),
                ),
                changes[0].finding_id if changes else None,
            )
        )
    if not rows:
        return []
    columns = w.columns("construct", "expectation", "survey", "notes")
    note = (w.t.sentence("evidence.theory_note"),)
    return [Table("theory", w.t.say("evidence.theory"), columns, tuple(rows), note, folded=True)]


def _expectation(w: Writer, c: CodeRow) -> Words:
    parts = [
        w.t.say(f"expected.{SIGNS[sign]}", label=_dimension(w, d))
        for d, sign in zip(("provider", "municipal", "generalized", "peers"), c.expected, strict=True)
        if sign in ("+", "-", "±")
    ]
    expected = w.t.join(parts) if parts else w.t.say("expected.open")
    return w.t.say("evidence.of_code", name=Theirs(c.name), text=expected)


def _surveyed(w: Writer, changes: Sequence[FindingRow]) -> Text:
    """What the survey says of it: the verdict, with what it is about where there are several."""
    if not changes:
        return w.t.say("evidence.not_in_survey")
    if len(changes) == 1:
        return w.verdict(changes[0].verdict)
    said = [w.t.say("evidence.of_code", name=w.scale(f.outcome), text=w.verdict(f.verdict)) for f in changes]
    return _one_after_another(said)


def _dimension(w: Writer, dimension: str) -> Text:
    """What the study calls that kind of trust; the catalogue's word where it does not measure it."""
    scale = next((s for s in w.m.study.scales if s.dimension == dimension), None)
    return w.scale(scale) if scale else w.t.say(f"dimension.{dimension}")


def _heard(w: Writer, c: CodeRow, of: int) -> Words:
    return w.t.say("evidence.of_code", name=Theirs(c.name), text=people(w, c.n_participants, of))


def _cases(w: Writer) -> list[Block]:
    """The lines of single people over the waves beside what they said; for the team only."""
    lines = w.m.voices.lines
    if not lines or not allows(w.edition, Part.CASE_DISPLAY):
        return []
    chosen = {q.segment_id: q for q in w.m.quotes.get(w.edition, ())}
    cases = [list(group) for _, group in groupby(lines, key=lambda x: (x.rule, x.place))]
    told = sorted(cases, key=lambda case: not any(s in chosen for s in case[0].segments))[:MOST_CASES]
    rows = []
    for number, case in enumerate(told, start=1):
        quotes = [chosen[s] for s in case[0].segments if s in chosen]
        scores = [
            w.t.say(
                "evidence.line",
                label=w.scale(scale),
                values=" → ".join(w.t.number(x.pomp, 0) for x in of_scale),
            )
            for scale, of_scale in _by_scale(w, case)
        ]
        words = [w.t.say("evidence.case_paraphrase" if q.paraphrased else "evidence.case_quote", words=Theirs(q.text))
                 for q in quotes]  # fmt: skip
        rows.append(
            Row(
                (
                    w.t.say("evidence.person", number=number, rule=w.t.say(f"rule.{case[0].rule}")),
                    _one_after_another(scores),
                    _one_after_another(words) if words else w.t.say("evidence.no_words"),
                )
            )
        )
    waves = w.t.join([w.wave(i) for i in w.m.waves])
    columns = w.columns("person", "scores", "words")
    notes = (w.t.sentence("evidence.cases_note", waves=waves),)
    return [Table("case-display", w.t.say("evidence.cases"), columns, tuple(rows), notes)]


def _by_scale(w: Writer, case: Sequence[CaseLine]) -> list[tuple[str, list[CaseLine]]]:
    """The scores scale by scale, each over the waves."""
    order = [s.id for s in w.m.study.scales]
    ordered = sorted(case, key=lambda x: (order.index(x.scale), w.m.study.wave_ids.index(x.wave)))
    return [(scale, list(rows)) for scale, rows in groupby(ordered, key=lambda x: x.scale)]


def _one_after_another(parts: Sequence[Words]) -> Words:
    return Words("; ".join(parts), "; ".join(p.own for p in parts))


def _questions(w: Writer) -> list[Block]:
    """The display for recommendations: conditions that people spoke of, what notes and numbers say of each, and a
    question; a report asks, those in charge decide."""
    base = w.m.notes_base
    codes = [
        c for c in w.m.codes if c.construct in CONDITIONS and c.n_participants and may_show(c.n_participants, w.edition)
    ]
    if base is None or not codes:
        return []
    rows = tuple(_recommended(w, c, base.n_participants) for c in codes[:MOST_QUESTIONS])
    columns = w.columns("condition", "notes", "survey", "to_be_asked")
    return [
        Heading("questions", w.t.say("evidence.questions")),
        Table("conditions-asked", w.t.say("evidence.recommendations"), columns, rows),
    ]


def _recommended(w: Writer, c: CodeRow, of: int) -> Row:
    scale = w.construct_scale(str(c.construct))
    change = w.m.change(scale) if scale else None
    survey: Text = w.t.say("evidence.not_in_survey")
    if change:
        survey = w.t.say("actors.survey", label=w.title(change.outcome), verdict=w.verdict(change.verdict))
    signs = {sign for sign in c.expected if sign in ("+", "-")}
    key = "ask_keep" if signs == {"+"} else "ask_less" if signs == {"-"} else "ask"
    notes = w.t.say("evidence.spoke", n=people(w, c.n_participants, of), total=of)
    return Row((Theirs(c.name), notes, survey, w.t.say(f"evidence.{key}")), change.finding_id if change else None)
