"""Sentences on groups: who stayed, who joined, how change compares with another group's, and who is willing."""

from __future__ import annotations

from coprod_trust.analysis.finding import DifferenceVerdict
from coprod_trust.report.model import Sentence
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.writer import Writer

QUESTIONS = ("retention", "propensity", "overlap", "difference_in_differences", "engagement")
_DIFFERENCE = {DifferenceVerdict.DIFFERENT: "different", DifferenceVerdict.NOT_CONCLUSIVE: "not_conclusive"}


def group_sentences(w: Writer, f: FindingRow, other: str) -> tuple[Sentence, ...]:
    """The sentences of one of these findings; ``other`` is the group that participants are compared with."""
    if f.question == "difference_in_differences":
        return _difference(w, f, other)
    if f.question == "overlap":
        interval = w.t.interval(f.ci_low, f.ci_high, 2, bare=True)
        value, group = w.t.bare(f.estimate), w.group(other)
        return (w.t.sentence("overlap.said", finding_id=f.finding_id, value=value, ci=interval, group=group),)
    if f.question == "retention":
        return (_stayed(w, f),)
    return (_odds(w, f, other),)


def form_of_odds(w: Writer, f: FindingRow) -> str:
    """'together', 'opposite' or 'open': a direction needs a p below the level of the plan, adjusted in its family."""
    p = f.p_value if f.p_adjusted is None else f.p_adjusted
    if p is None or f.estimate is None or p >= w.m.study.plan.alpha:
        return "open"
    return "together" if f.estimate > 0 else "opposite"


def odds_ratio(w: Writer, value: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    """An odds ratio and its interval, as written."""
    return w.t.number(value, 2), w.t.interval(low, high, 2)


def _odds(w: Writer, f: FindingRow, other: str) -> Sentence:
    value, interval = odds_ratio(w, f.effect_size, f.effect_ci_low, f.effect_ci_high)
    return w.t.sentence(
        f"{f.question}.{form_of_odds(w, f)}",
        finding_id=f.finding_id,
        x=w.scale(f.predictor or ""),
        value=value,
        ci=interval,
        n=f.n or 0,
        group=w.group(other),
        wave=w.contrast(f.contrast),
    )


def _stayed(w: Writer, f: FindingRow) -> Sentence:
    start, end = f.waves or ("", "")
    return w.t.sentence(
        "retention.said",
        finding_id=f.finding_id,
        x=w.scale(f.predictor or ""),
        smd=w.t.number(abs(f.effect_size or 0.0), 2),
        side=w.t.say("retention.above" if (f.effect_size or 0.0) >= 0 else "retention.below"),
        ci=w.t.interval(f.effect_ci_low, f.effect_ci_high, 2),
        n=f.n or 0,
        start=w.wave(start),
        end=w.wave(end),
    )


def _difference(w: Writer, f: FindingRow, other: str) -> tuple[Sentence, ...]:
    t = w.t
    start, end = f.waves or ("", "")
    form = next((form for verdict, form in _DIFFERENCE.items() if verdict == f.verdict), "open")
    said = t.sentence(
        f"difference_in_differences.{form}",
        finding_id=f.finding_id,
        label=w.scale(f.outcome),
        group=w.group(other),
        start=w.wave(start),
        end=w.wave(end),
        points=t.number(f.estimate, plus=True),
        ci=t.say("change.interval", ci=t.interval(f.ci_low, f.ci_high)),
        n=f.n or 0,
    )
    return said, t.sentence("difference_in_differences.order", finding_id=f.finding_id)
