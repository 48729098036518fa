"""The one report model of a wave, from the rows of the working database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.edition import for_edition
from coprod_trust.report.guards import check_report
from coprod_trust.report.language import Language
from coprod_trust.report.model import Head, Report, Section, Text, Theirs, Words
from coprod_trust.report.read import Material
from coprod_trust.report.sections.association import association
from coprod_trust.report.sections.changed import changed
from coprod_trust.report.sections.comparison import comparison
from coprod_trust.report.sections.conditions import conditions
from coprod_trust.report.sections.engagement import engagement
from coprod_trust.report.sections.guidelines import guidelines
from coprod_trust.report.sections.instrument import instrument
from coprod_trust.report.sections.joint import together
from coprod_trust.report.sections.meaning import meaning
from coprod_trust.report.sections.methods import every_test, methods
from coprod_trust.report.sections.notes import said
from coprod_trust.report.sections.own_text import context, other_texts
from coprod_trust.report.sections.participation import participation
from coprod_trust.report.sections.plan import plan
from coprod_trust.report.sections.provenance import glossary, provenance
from coprod_trust.report.sections.quality import quality
from coprod_trust.report.sections.selection import selection
from coprod_trust.report.sections.summary import summary
from coprod_trust.report.sections.trust import other_scales, trust
from coprod_trust.report.sections.why import why
from coprod_trust.report.writer import Writer

_SECTIONS: tuple[Callable[[Writer], Section | None], ...] = (
    summary,
    context,
    participation,
    trust,
    association,
    other_scales,
    conditions,
    selection,
    comparison,
    said,
    together,
    why,
    engagement,
    meaning,
    changed,
    plan,
    methods,
    every_test,
    quality,
    provenance,
    instrument,
    other_texts,
)


def build_report(
    material: Material,
    language: Language,
    edition: Edition = Edition.INTERNAL,
    worded: Callable[[Section], None] = lambda _: None,
) -> Report:
    """Word every section, then check the whole against the guards; ``worded`` is given each section when it is made.

    Raises GuardViolation where generated text says more than the rules allow.
    """
    material = for_edition(material, edition, language)
    w = Writer(material, language, edition)
    there: list[Section] = []
    for section_of in _SECTIONS:
        section = section_of(w)
        if section is not None:
            worded(section)
            there.append(section)
    there += [guidelines(w, {s.id for s in there}), glossary(w)]
    report = Report(_head(w), tuple(there))
    check_report(
        report,
        verdicts={f.finding_id: f.verdict for f in material.findings},
        certainties={f.finding_id: f.certainty for f in material.findings},
        compared=len(material.waves) < 2 or material.comparison_followed(),
        theirs=_names(material),
    )
    return report


def _names(material: Material) -> tuple[str, ...]:
    """The study's own names for things, ids and labels: analyses put them into reasons and notes."""
    study = material.study
    parts: list[Any] = [*study.scales, *study.waves, *study.events, *study.groups.values, *study.covariates]
    families = [name for f in study.plan.families for name in (f.id, f.label)]
    worded = [i.wording.rstrip(".") for s in study.scales for i in s.items if i.wording]
    return (study.title, *worded, *(p.label for p in parts), *(p.id for p in parts), *families)


def _status(w: Writer) -> Words:
    """Draft, signed off, or signed off for other numbers than these."""
    t, signed = w.t, w.m.record.signed
    if signed is None:
        return t.say("head.draft")
    key = "head.signed" if signed.holds else "head.signed_before"
    return t.say(key, who=Theirs(signed.who), date=t.date(signed.when.date()))


def _head(w: Writer) -> Head:
    m, t = w.m, w.t
    status = _status(w)
    facts: list[tuple[Words, Text]] = [
        (t.say("head.data_up_to"), w.wave(m.wave)),
        (t.say("head.status"), status),
        (t.say("head.edition"), t.say(f"head.{w.edition}")),
    ]
    if m.run.started_at:
        facts.append((t.say("head.made"), Words(t.date(m.run.started_at.date()))))
    before = m.record.before
    if before is not None and before.wave == m.wave:
        replaced = t.say("head.replaced", date=t.date(before.started_at.date()), run=Theirs(before.run_id))
        facts.append((t.say("head.replaces"), replaced))
    return Head(
        title=Theirs(m.study.title),
        subtitle=t.say("head.subtitle", wave=w.wave(m.wave)),
        status=status,
        edition=str(w.edition),
        language=t.code,
        wave=m.wave,
        run_id=m.run.run_id,
        synthetic=Theirs(m.study.synthetic) if m.study.synthetic else None,
        facts=tuple(facts),
    )
