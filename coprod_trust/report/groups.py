"""Sentences on groups: who stayed, who joined, how change compares with another group's, and who is willing."""

from __future__ import annotations

from coprod_trust.analysis.finding import DifferenceVerdict
from coprod_trust.privacy.disclosure import may_show_percentage
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
        value, interval = _part_of_participants(w, f)
        said = w.t.sentence("overlap.said", finding_id=f.finding_id, value=value, ci=interval, group=w.group(other))
        return (said,)
    if f.question == "retention":
        return (_stayed(w, f),)
    return (_odds(w, f, other),)


def _part_of_participants(w: Writer, f: FindingRow) -> tuple[str, str]:
    """A share and its interval: in per cent where there are enough participants for that, else between 0 and 1."""
    mine = [r.n_answered for r in w.m.flow if r.study_group == w.m.study.groups.participants]
    if not mine or not may_show_percentage(mine[0]):
        return w.t.bare(f.estimate), w.t.interval(f.ci_low, f.ci_high, 2, bare=True)
    value, low, high = (None if x is None else 100 * x for x in (f.estimate, f.ci_low, f.ci_high))
    to = w.t.catalogue["format.to"]
    return f"{w.t.number(value, 0)}%", f"{w.t.number(low, 0)}% {to} {w.t.number(high, 0)}%"


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
