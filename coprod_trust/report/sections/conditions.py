"""What went with trust: at the start, in change, and under which conditions."""

from __future__ import annotations

from coprod_trust.analysis.finding import RelationVerdict
from coprod_trust.report.model import Block, Heading, Listing, Row, Section, Sentence, Table, Text, Words
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.sentences import finding_sentences
from coprod_trust.report.writer import Writer

PLACES = ("minus_1_sd", "mean", "plus_1_sd")


def conditions(w: Writer) -> Section | None:
    """Motivation and control with trust, mechanisms, and conditions; None where the study asks nothing of it."""
    blocks = [*_start(w), *_mechanisms(w), *_conditions(w)]
    if not blocks:
        return None
    intro = w.paragraph(w.t.sentence("conditions.intro"))
    return Section("conditions", w.t.say("section.conditions"), (intro, *blocks))


def within_blocks(w: Writer) -> list[Block]:
    """Trust that goes together within people over three waves or more."""
    findings = _of(w, "within")
    if not findings:
        return []
    t = w.t
    rows = tuple(
        Row(
            (
                w.pair(f),
                w.contrast(f.contrast),
                w.whole(f.n),
                _estimate(w, f),
                _by(w, f, "between_people"),
                *_p(w, f),
                w.planned(f),
            ),
            f.finding_id,
        )
        for f in findings
    )
    columns = w.columns("pair_levels", "contrast", "n#", "within_ci#", "between_ci#", "p#", "p_adjusted#", "status")
    note = t.sentence("within.note")
    return [
        Heading("within", t.say("within.heading")),
        *_told(w, _said(w, findings, "within")),
        Table("within-table", t.say("within.table"), columns, rows, (note,)),
        *_lags(w),
    ]


def _lags(w: Writer) -> list[Block]:
    """What goes from one wave to the next within people."""
    findings = _of(w, "cross_lagged")
    answered = [f for f in findings if not f.declined]
    blocks: list[Block] = [w.paragraph(*_said(w, findings, "cross_lagged"))] if findings else []
    if answered:
        rows = tuple(
            Row(
                (
                    w.pair(f),
                    w.whole(f.n),
                    _estimate(w, f),
                    _by(w, f, "cross_lagged_back"),
                    *_p(w, f),
                    w.planned(f),
                ),
                f.finding_id,
            )
            for f in answered
        )
        columns = w.columns("pair_levels", "n#", "lag_ci#", "lag_back_ci#", "p#", "p_adjusted#", "status")
        note = w.t.sentence("cross_lagged.note")
        blocks.append(Table("cross-lagged-table", w.t.say("cross_lagged.table"), columns, rows, (note,)))
    return blocks


def _of(w: Writer, question: str) -> list[FindingRow]:
    return sorted((f for f in w.m.findings if f.question == question), key=w.m.order)


def _said(w: Writer, findings: list[FindingRow], question: str) -> list[Sentence]:
    """What was found, and in one sentence how many questions stay open."""
    told = [f for f in findings if not f.declined and f.verdict not in (None, RelationVerdict.INCONCLUSIVE)]
    sentences: list[Sentence] = []
    for f in told:
        sentences += [s for s in finding_sentences(w, f) if s.text not in {x.text for x in sentences}]
    still = sum(not f.declined for f in findings) - len(told)
    if still:
        key = "conditions.open_all" if still == len(findings) > 1 else "conditions.open"
        sentences.append(w.t.sentence(key, None if key.endswith("all") else still, total=len(findings)))
    # How many people there were differs from question to question; why is the same.
    reasons = dict.fromkeys(f.declined.partition("; ")[0].rstrip(".") for f in findings if f.declined)
    key = f"{question}.declined_all" if w.t.has(f"{question}.declined_all") else "conditions.declined"
    sentences += [w.t.sentence(key, reason=reason) for reason in reasons]
    # What holds for all of them is said once, last.
    order = str(w.t.template(f"{question}.order")) if w.t.has(f"{question}.order") else ""
    return [s for s in sentences if s.text != order] + [s for s in sentences if s.text == order]


def _told(w: Writer, sentences: list[Sentence]) -> list[Block]:
    """What was found, a point each where there are several, and below it what holds for all."""
    points = [s for s in sentences if s.finding_id and not _of_all(w, s)]
    rest = [s for s in sentences if s not in points]
    if len(points) < 2:
        return [w.paragraph(*sentences)] if sentences else []
    listing = Listing(tuple(w.paragraph(s) for s in points))
    return [listing, *([w.paragraph(*(Sentence(s.text) for s in rest))] if rest else [])]


def _of_all(w: Writer, s: Sentence) -> bool:
    keys = [f"{q}.order" for q in ("correlation", "mechanism", "moderation", "within", "association")]
    return s.text in {w.t.template(k) for k in keys if w.t.has(k)}


def _start(w: Writer) -> list[Block]:
    findings = _of(w, "correlation")
    if not findings:
        return []
    t = w.t
    rows = tuple(
        Row(
            (
                w.pair(f),
                w.whole(f.n),
                _estimate(w, f, True),
                _by(w, f, "spearman_everybody", True),
                _by(w, f, "spearman_adjusted", True),
                *_p(w, f),
                w.planned(f),
            ),
            f.finding_id,
        )
        for f in findings
    )
    columns = w.columns(
        "pair_levels", "n#", "rho_participants#", "rho_everybody#", "rho_adjusted#", "p#", "p_adjusted#", "status"
    )
    return [
        Heading("conditions-start", t.say("correlation.heading")),
        *_told(w, _said(w, findings, "correlation")),
        Table("correlation-table", t.say("correlation.table"), columns, rows, (t.sentence("correlation.note"),)),
    ]


def _mechanisms(w: Writer) -> list[Block]:
    findings = _of(w, "mechanism")
    paths = _of(w, "mediation")
    if not findings and not paths:
        return []
    t = w.t
    blocks: list[Block] = [Heading("conditions-mechanisms", t.say("mechanism.heading"))]
    blocks += [*_told(w, _said(w, findings, "mechanism")), *_told(w, _said(w, paths, "mediation"))]
    rows = tuple(
        Row(
            (w.pair(f), w.contrast(f.contrast), w.whole(f.n), _estimate(w, f, True), *_p(w, f), w.planned(f)),
            f.finding_id,
        )
        for f in findings
    )
    if rows:
        columns = w.columns("pair", "contrast", "n#", "r_ci#", "p#", "p_adjusted#", "status")
        blocks.append(Table("mechanism-table", t.say("mechanism.table"), columns, rows))
    return blocks


def _conditions(w: Writer) -> list[Block]:
    findings = _of(w, "moderation")
    if not findings:
        return []
    t = w.t
    slopes = {(s.finding_id, s.place): s for s in w.m.slopes}

    def at(f: FindingRow, place: str) -> Text:
        s = None if f.declined else slopes.get((f.finding_id, place))
        return t.say("none") if s is None else w.estimate(s.change, s.ci_low, s.ci_high, plus=True)

    rows = tuple(
        Row(
            (
                w.pair(f),
                w.whole(f.n),
                *(at(f, place) for place in PLACES),
                t.say("declined.short") if f.declined else w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True),
                *_p(w, f),
                w.planned(f),
            ),
            f.finding_id,
        )
        for f in findings
    )
    columns = w.columns(
        "condition_outcome", "n#", "at_low#", "at_mean#", "at_high#", "per_sd#", "p#", "p_adjusted#", "status"
    )
    blocks: list[Block] = [
        Heading("conditions-moderation", t.say("moderation.heading")),
        *_told(w, _said(w, findings, "moderation")),
        Table("moderation-table", t.say("moderation.table"), columns, rows, (t.sentence("moderation.note"),)),
    ]
    boundaries = _boundaries(w, findings)
    return [*blocks, boundaries] if boundaries else blocks


def _boundaries(w: Writer, findings: list[FindingRow]) -> Table | None:
    """Where along the condition the interval of change begins or ends to hold 0."""
    t = w.t
    by_id = {f.finding_id: f for f in findings if not f.declined}
    places: dict[str, list[Words]] = {}
    for s in w.m.slopes:
        if s.place == "boundary" and s.finding_id in by_id:
            places.setdefault(s.finding_id, []).append(t.say("number", number=t.number(s.condition)))
    rows = tuple(Row((w.pair(by_id[id_]), t.join(found)), id_) for id_, found in places.items())
    if not rows:
        return None
    columns = w.columns("condition_outcome", "boundary#")
    note = t.sentence("moderation.boundary_note")
    return Table("boundaries", t.say("moderation.boundaries"), columns, rows, (note,), folded=True)


def _estimate(w: Writer, f: FindingRow, bare: bool = False) -> Text:
    if f.declined:
        return w.t.say("declined.short")
    return _figure(w, f.estimate, f.ci_low, f.ci_high, bare)


def _by(w: Writer, f: FindingRow, method: str, bare: bool = False) -> Text:
    """The same question by another method; a dash where it was not asked or declined."""
    e = next((e for e in f.estimates if e.method == method and not e.declined), None)
    return w.t.say("none") if e is None else _figure(w, e.estimate, e.ci_low, e.ci_high, bare)


def _figure(w: Writer, value: float | None, low: float | None, high: float | None, bare: bool) -> Text:
    return w.correlation(value, low, high) if bare else w.estimate(value, low, high, 2)


def _p(w: Writer, f: FindingRow) -> tuple[Text, Text]:
    t = w.t
    return t.say("number", number=t.p(f.p_value)), t.say("number", number=t.p(f.p_adjusted) or t.say("none"))
