"""The sentences that findings are put into. A finding's row decides which form is used; nothing is computed here."""

from __future__ import annotations

from typing import Any

from coprod_trust.analysis.finding import Verdict
from coprod_trust.report.guards import ALLOWS_DIRECTION
from coprod_trust.report.model import Sentence, Theirs
from coprod_trust.report.read import EstimateRow, FindingRow
from coprod_trust.report.writer import Writer

# Sensitivity analyses that are meant to break the conclusion, so that their verdict is no disagreement.
EXEMPT = ("worst", "best", "shift", "tipping", "bound")


def finding_sentences(w: Writer, f: FindingRow) -> tuple[Sentence, ...]:
    """The sentences of one finding, in the order in which they are read."""
    if f.declined or f.estimate is None:
        return (_declined(w, f),)
    if f.question == "change":
        return change_sentences(w, f)
    if f.question == "association":
        return association_sentences(w, f)
    return (_general(w, f),)


def finding_text(w: Writer, f: FindingRow) -> str:
    """The same as one text: what is kept in ``finding.sentence``."""
    return " ".join(s.text for s in finding_sentences(w, f))


def change_sentences(w: Writer, f: FindingRow) -> tuple[Sentence, ...]:
    """Average change: where it went (only if the verdict allows a direction), how many answered, and how many people
    changed more than measurement error would explain."""
    return tuple(s for s in (_average(w, f), _size(w, f), _answered(w, f), _people(w, f)) if s is not None)


def association_sentences(w: Writer, f: FindingRow) -> tuple[Sentence, ...]:
    """Whether two changes go together in the same people; never which came first."""
    t = w.t
    alpha = w.m.study.plan.alpha
    p = f.p_adjusted if f.p_adjusted is not None else f.p_value
    values: dict[str, Any] = {
        "x": w.scale(f.predictor or ""),
        "y": w.scale(f.outcome),
        "r": t.bare(f.estimate),
        "ci": t.interval(f.ci_low, f.ci_high, 2, bare=True),
        "n": f.n or 0,
    }
    form = "open" if p is None or p >= alpha else "together" if (f.estimate or 0) > 0 else "opposite"
    said = t.sentence(f"association.{form}", finding_id=f.finding_id, **values)
    if form == "open":
        return (said,)
    return said, t.sentence("association.order", finding_id=f.finding_id)


def _average(w: Writer, f: FindingRow) -> Sentence:
    t = w.t
    assert f.estimate is not None
    start, end = f.waves or ("", "")
    if f.verdict in ALLOWS_DIRECTION:
        key = "change.fell" if f.estimate < 0 else "change.rose"
    elif f.verdict == Verdict.TOO_SMALL:
        key = "change.too_small"
    elif f.verdict == Verdict.INCONCLUSIVE:
        key = "change.inconclusive"
    else:
        key = "change.no_verdict"
    if f.mean_from is None or f.mean_to is None:
        key += "_without_means"
    directed = f.verdict in ALLOWS_DIRECTION
    return t.sentence(
        key,
        finding_id=f.finding_id,
        direction=True,
        start=w.wave(start),
        end=w.wave(end),
        label=w.scale(f.outcome),
        mean_from=t.number(f.mean_from),
        mean_to=t.number(f.mean_to),
        points=t.number(abs(f.estimate) if directed else f.estimate, plus=not directed),
        ci=t.interval(f.ci_low, f.ci_high),
        delta=w.delta,
    )


def _size(w: Writer, f: FindingRow) -> Sentence | None:
    keys = {
        Verdict.CHANGED_SMALL: "change.size_small",
        Verdict.CHANGED_MATTERS: "change.size_matters",
        Verdict.CHANGED_UNCLEAR: "change.size_unclear",
    }
    key = keys.get(Verdict(f.verdict)) if f.verdict in set(Verdict) else None
    return w.t.sentence(key, finding_id=f.finding_id, delta=w.delta) if key else None


def _answered(w: Writer, f: FindingRow) -> Sentence | None:
    if f.n is None:
        return None
    if f.n_start is None:
        return w.t.sentence("change.answered", finding_id=f.finding_id, n=f.n)
    return w.t.sentence("change.started_answered", finding_id=f.finding_id, n_start=f.n_start, n=f.n)


def _people(w: Writer, f: FindingRow) -> Sentence | None:
    if f.n_fell_reliably is None or f.n_rose_reliably is None or not f.n:
        return None
    return w.t.sentence("change.people", finding_id=f.finding_id, fell=f.n_fell_reliably, rose=f.n_rose_reliably, n=f.n)


def _declined(w: Writer, f: FindingRow) -> Sentence:
    reason = (f.declined or w.t.say("declined.unknown")).rstrip(".")
    key = f"{f.question}.declined" if w.t.has(f"{f.question}.declined") else "general.declined"
    start, end = f.waves or ("", "")
    return w.t.sentence(
        key,
        finding_id=f.finding_id,
        label=w.scale(f.outcome),
        x=w.scale(f.predictor or ""),
        start=w.wave(start),
        end=w.wave(end),
        reason=reason[:1].lower() + reason[1:],
    )


def _general(w: Writer, f: FindingRow) -> Sentence:
    return w.t.sentence(
        "general.estimate",
        finding_id=f.finding_id,
        label=w.scale(f.outcome),
        estimand=Theirs(f.estimand),
        estimate=w.t.number(f.estimate, 2),
        ci=w.t.interval(f.ci_low, f.ci_high, 2),
        n=f.n or 0,
    )


def disagreeing(f: FindingRow) -> tuple[EstimateRow, ...]:
    """Sensitivity analyses whose verdict differs from the primary one: both go on page one."""
    return tuple(
        e
        for e in f.estimates
        if e.role == "sensitivity" and e.verdict and e.verdict != f.verdict and not e.method.startswith(EXEMPT)
    )
