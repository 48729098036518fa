"""How it was done: estimands, error rates, reliability, comparability, and every test."""

from __future__ import annotations

from coprod_trust.report.model import Block, Heading, Row, Section, Sentence, Table, Text, Theirs
from coprod_trust.report.read import EstimateRow, FindingRow
from coprod_trust.report.writer import Writer


def methods(w: Writer) -> Section:
    """Estimands and how they were estimated, families, reliability and the comparability gate."""
    t = w.t
    plan = w.m.study.plan
    sentences: list[Sentence | None] = [
        t.sentence("methods.points"),
        t.sentence("methods.verdict", delta=w.delta, alpha=t.bare(plan.alpha)),
        t.sentence("methods.interval"),
        t.sentence("methods.certainty"),
        t.sentence("methods.groups"),
    ]
    blocks: list[Block] = [w.paragraph(*sentences)]
    if w.m.findings:
        blocks.append(_estimands(w))
    if plan.families:
        blocks.append(_families(w))
    if w.m.reliability:
        blocks.append(_reliability(w))
    if w.m.comparability:
        blocks.append(_comparability(w))
    return Section("methods", t.say("section.methods"), tuple(blocks))


def _estimands(w: Writer) -> Table:
    rows = [
        Row(
            (
                _question(w, f),
                w.contrast(f.contrast),
                w.t.say("plain", text=f.estimand),
                w.group(f.population),
                w.method(f.method),
                w.planned(f),
            ),
            f.finding_id,
        )
        for f in w.m.findings
    ]
    columns = w.columns("question", "contrast", "estimand", "population", "primary_method", "status")
    return Table("estimands", w.t.say("methods.estimands"), columns, tuple(rows))


def _question(w: Writer, f: FindingRow) -> Text:
    if f.question == "change":
        return w.t.say("question.change", label=w.outcome(f))
    if f.predictor:
        return w.t.say("question.association", x=w.scale(f.predictor), y=w.scale(f.outcome))
    return w.t.say("question.other", question=f.question.replace("_", " "), label=w.scale(f.outcome))


def _families(w: Writer) -> Table:
    rows = [
        Row(
            (
                Theirs(f.label or f.id),
                Theirs(", ".join(f.members)),
                w.t.say(f"adjust.{f.adjust}"),
                w.t.say("exploratory" if f.exploratory else "planned"),
            )
        )
        for f in w.m.study.plan.families
    ]
    return Table(
        "families", w.t.say("methods.families"), w.columns("family", "members", "adjustment", "status"), tuple(rows)
    )


def _reliability(w: Writer) -> Table:
    t = w.t
    rows = []
    for r in w.m.reliability:
        if r.value is None:
            shown: Text = (
                t.say("declined.because", reason=(r.declined or "").rstrip(".")) if r.declined else t.say("none")
            )
        else:
            interval = t.interval(r.ci_low, r.ci_high, 2, bare=True)
            shown = t.say("number", number=t.bare(r.value) + (f" ({interval})" if interval else ""))
        rows.append(
            Row(
                (
                    w.title(r.scale),
                    w.wave(r.wave),
                    w.group(r.population),
                    w.method(r.coefficient),
                    shown,
                    w.whole(r.n),
                    w.whole(r.n_items),
                )
            )
        )
    columns = w.columns("outcome", "wave", "population", "coefficient", "value_ci#", "n#", "items#")
    return Table("reliability", t.say("methods.reliability"), columns, tuple(rows))


def _comparability(w: Writer) -> Table:
    rows = [
        Row(
            (
                w.title(c.scale),
                w.contrast(f"{c.wave_from}-{c.wave_to}"),
                w.t.say("yes" if c.comparable else "no"),
                w.t.say("plain", text=c.reason or ""),
            )
        )
        for c in w.m.comparability
    ]
    columns = w.columns("outcome", "contrast", "comparable", "why")
    return Table("comparability", w.t.say("methods.comparability"), columns, tuple(rows))


def every_test(w: Writer) -> Section:
    """All estimates of all findings, null ones included; those that declined, with the reason."""
    t = w.t
    title = t.say("section.tests")
    if not w.m.findings:
        return Section("tests", title, (w.paragraph(t.sentence("tests.none")),))
    blocks: list[Block] = [w.paragraph(t.sentence("tests.intro"))]
    questions = list(dict.fromkeys(f.question for f in w.m.findings))
    for question in questions:
        findings = [f for f in w.m.findings if f.question == question]
        rows = [_test(w, f, e) for f in findings for e in f.estimates if not e.declined]
        key = f"tests.{question}" if t.has(f"tests.{question}") else "tests.other"
        heading = t.say(key, question=question.replace("_", " ")) if key == "tests.other" else t.say(key)
        blocks.append(Heading(f"tests-{question}", heading))
        if rows:
            columns = w.columns(
                "finding", "method", "role", "n#", "estimate_ci#", "se#", "statistic#", "p#", "effect_ci#", "verdict"
            )
            blocks.append(Table(f"tests-{question}-table", t.say("tests.table"), columns, tuple(rows)))
        declined = [_declined(w, f, e) for f in findings for e in f.estimates if e.declined]
        declined += [
            _declined_finding(w, f) for f in findings if f.declined and not any(e.declined for e in f.estimates)
        ]
        if declined:
            columns = w.columns("finding", "method", "reason_declined")
            blocks.append(Table(f"declined-{question}", t.say("tests.declined"), columns, tuple(declined)))
        noted = [Row((Theirs(f.finding_id), w.t.say("plain", text=f.note)), f.finding_id) for f in findings if f.note]
        if noted:
            blocks.append(Table(f"notes-{question}", t.say("tests.notes"), w.columns("finding", "note"), tuple(noted)))
    return Section("tests", title, tuple(blocks))


def _test(w: Writer, f: FindingRow, e: EstimateRow) -> Row:
    t = w.t
    statistic = ""
    if e.statistic is not None:
        df = f"({t.number(e.df, 0 if e.df == int(e.df) else 1)})" if e.df is not None else ""
        statistic = f"{e.statistic_name or ''}{df} = {t.number(e.statistic, 2)}".strip(" =")
    effect = w.estimate(e.effect_size, e.effect_ci_low, e.effect_ci_high, 2)
    if e.effect_size is not None and e.effect_name:
        effect = t.say("effect", name=w.method(e.effect_name), value=effect)
    cells: tuple[Text, ...] = (
        Theirs(f.finding_id),
        t.say("method_note", method=w.method(e.method), note=e.note) if e.note else w.method(e.method),
        t.say(f"role.{e.role}"),
        w.whole(e.n),
        w.estimate(e.estimate, e.ci_low, e.ci_high, 2),
        t.say("number", number=t.number(e.std_error, 2)),
        t.say("number", number=statistic),
        t.say("number", number=t.p(e.p_value)),
        effect,
        w.verdict(e.verdict) if e.verdict else t.say("none"),
    )
    return Row(cells, f.finding_id)


def _declined(w: Writer, f: FindingRow, e: EstimateRow) -> Row:
    return Row((Theirs(f.finding_id), w.method(e.method), w.t.say("plain", text=e.declined)), f.finding_id)


def _declined_finding(w: Writer, f: FindingRow) -> Row:
    return Row((Theirs(f.finding_id), w.method(f.method), w.t.say("plain", text=f.declined)), f.finding_id)
