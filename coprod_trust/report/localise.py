"""The same material in another language: the study's labels as it gives them, the analyses' notes by the catalogue."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from coprod_trust.report.language import Language
from coprod_trust.report.read import Material
from coprod_trust.study.report_settings import Labels, ReportLanguage, in_language

Row = TypeVar("Row")

# Texts of rows that an analysis wrote, in English.
_NOTED = frozenset({"declined", "note", "estimand", "reason", "planned", "done"})


def localise(material: Material, words: Language) -> Material:
    """``material`` with every label and note in that language, as far as one is known; numbers are left alone."""
    study = in_language(material.study, words.code)
    labels = material.study.report.labels.get(ReportLanguage(words.code), Labels())
    translate = words.phrase if words.catalogue["phrases.pairs"] else None
    codes = {code: labels.codes.get(code) for code in labels.codes}
    return replace(
        material,
        study=study,
        findings=tuple(
            replace(_noted(f, translate), estimates=tuple(_noted(e, translate) for e in f.estimates))
            for f in material.findings
        )
        if translate
        else material.findings,
        reliability=tuple(_noted(r, translate) for r in material.reliability),
        comparability=tuple(_noted(c, translate) for c in material.comparability),
        blocked=tuple(_noted(b, translate) for b in material.blocked),
        balance=tuple(_noted(b, translate) for b in material.balance),
        instrument=replace(
            material.instrument, invariance=tuple(_noted(r, translate) for r in material.instrument.invariance)
        ),
        trajectories=tuple(_noted(t, translate) for t in material.trajectories),
        codes=tuple(replace(c, name=codes.get(c.code) or c.name) for c in material.codes),
        record=replace(material.record, deviations=tuple(_noted(d, translate) for d in material.record.deviations)),
        reasons=tuple((labels.texts.get(reason, reason), n) for reason, n in material.reasons),
    )


def _noted(row: Row, translate: Any) -> Row:
    if translate is None:
        return row
    changed = {
        f.name: translate(getattr(row, f.name))
        for f in fields(row)  # type: ignore[arg-type]
        if f.name in _NOTED and getattr(row, f.name)
    }
    return replace(row, **changed) if changed else row  # type: ignore[type-var]
