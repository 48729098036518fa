"""The same material in another language: the study's labels as it gives them, the analyses' notes by the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import TypeVar

from coprod_trust.report.language import Language
from coprod_trust.report.read import Material
from coprod_trust.report.voices import RecodingRow
from coprod_trust.study import Study
from coprod_trust.study.engagement import Engagement
from coprod_trust.study.report_settings import Labels, ReportLanguage, in_language

Row = TypeVar("Row")
Said = Callable[[str], str]

# Texts of rows that an analysis or a reader wrote, in English.
_NOTED = frozenset({"declined", "note", "estimand", "reason", "planned", "done", "message"})
# What stands before the id of a scale, a covariate or an item in such a text, or before a list of them.
_BEFORE = (
    "similar in|staying on|room for|change in|of the model:|model on|beside|reliability of change:|from|over|answer to"
    "|range of|correlation of|less that with"
)


def localise(material: Material, words: Language) -> Material:
    """``material`` with every label and note in that language, as far as one is known; numbers are left alone."""
    study = in_language(material.study, words.code)
    labels = material.study.report.labels.get(ReportLanguage(words.code), Labels())
    codes, texts = labels.codes, labels.texts
    named, grouped = _named(study), _grouped(material.study, study)

    def said(text: str) -> str:
        # Groups last: the catalogue knows the notes by their English words, and 'participants' is one of them.
        return grouped(words.phrase(named(text)))

    return replace(
        material,
        study=_with_cases(study, texts),
        findings=tuple(
            replace(_noted(f, said), estimates=tuple(_noted(e, said) for e in f.estimates)) for f in material.findings
        ),
        reliability=tuple(_noted(r, said) for r in material.reliability),
        comparability=tuple(_noted(c, said) for c in material.comparability),
        blocked=tuple(_noted(b, said) for b in material.blocked),
        balance=tuple(_noted(b, said) for b in material.balance),
        instrument=replace(
            material.instrument, invariance=tuple(_noted(r, said) for r in material.instrument.invariance)
        ),
        trajectories=tuple(_noted(t, said) for t in material.trajectories),
        codes=tuple(replace(c, name=codes.get(c.code) or c.name) for c in material.codes),
        voices=replace(
            material.voices,
            recodings=_recoded(material, codes, texts),
            filtered=tuple(
                replace(f, reason=f.reason and texts.get(f.reason, f.reason)) for f in material.voices.filtered
            ),
        ),
        record=replace(material.record, deviations=tuple(_noted(d, said) for d in material.record.deviations)),
        reasons=tuple((texts.get(reason, reason), n) for reason, n in material.reasons),
        entry_reasons=tuple(replace(r, reason=texts.get(r.reason, r.reason)) for r in material.entry_reasons),
        places=tuple(_noted(p, said) for p in material.places),
        meta=tuple(replace(m, inference=m.inference and texts.get(m.inference, m.inference)) for m in material.meta),
        # What a person said stays as it was said; a coder's summary is in the coder's language.
        quotes={
            edition: tuple(replace(q, text=texts.get(q.text, q.text)) if q.paraphrased else q for q in quotes)
            for edition, quotes in material.quotes.items()
        },
    )


def _noted(row: Row, said: Said) -> Row:
    changed = {
        f.name: said(getattr(row, f.name))
        for f in fields(row)  # type: ignore[arg-type]
        if f.name in _NOTED and getattr(row, f.name)
    }
    return replace(row, **changed) if changed else row  # type: ignore[type-var]


def _recoded(material: Material, codes: Mapping[str, str], texts: Mapping[str, str]) -> tuple[RecodingRow, ...]:
    """Codes by the names that they had, and by those of the codes that they became."""
    now = {c.name: codes[c.code] for c in material.codes if codes.get(c.code)}
    return tuple(
        replace(r, from_code=texts.get(r.from_code, r.from_code), to_code=r.to_code and now.get(r.to_code, r.to_code))
        for r in material.voices.recodings
    )


def _named(study: Study) -> Said:
    """Puts labels where an analysis wrote the ids of waves and variables."""
    waves = {w.id: w.label for w in study.waves}
    variables = {i.id: f"'{i.wording.rstrip('.')}'" for s in study.scales for i in s.items if i.wording}
    variables |= {c.id: c.label or c.id for c in study.covariates} | {s.id: s.label for s in study.scales}
    at = re.compile(rf"\bat ({_any(waves)})\b")
    of = re.compile(rf"((?:\b(?:{_BEFORE})|,) )({_any(variables)})(?=[\s,;.)]|$)")
    # 'with' stands before too much else.
    compared = re.compile(rf"\bwith ({_any(variables)})(?= less that with)")

    def said(text: str) -> str:
        text = at.sub(lambda m: f"at {waves[m[1]]}", text)
        text = compared.sub(lambda m: f"with {variables[m[1]]}", text)
        return of.sub(lambda m: m[1] + variables[m[2]], text)

    return said


def _grouped(before: Study, study: Study) -> Said:
    """Puts the label of a group where an analysis wrote its label in the first language."""
    groups = {
        old.label.casefold(): new.label
        for old, new in zip(before.groups.values, study.groups.values, strict=True)
        if old.label != new.label
    }
    whose = re.compile(rf"\b({_any(groups)})\b", re.IGNORECASE) if groups else None
    return lambda text: whose.sub(lambda m: groups[m[1].casefold()], text) if whose else text


def _any(names: Mapping[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _with_cases(study: Study, texts: Mapping[str, str]) -> Study:
    """What the study calls its cases, and what sets them apart."""
    model: Engagement = study.notes.engagement
    cases = [
        c.model_copy(
            update={
                "label": texts.get(c.label, c.label),
                "attributes": {texts.get(k, k): texts.get(v, v) for k, v in c.attributes.items()},
            }
        )
        for c in model.cases
    ]
    told = model.model_copy(update={"cases": cases})
    return study.model_copy(update={"notes": study.notes.model_copy(update={"engagement": told})})
