"""The sentences that findings are put into. A finding's row decides which form is used; nothing is computed here."""

from __future__ import annotations

from coprod_trust.analysis.finding import AssociationVerdict, Certainty, Verdict
from coprod_trust.analysis.rules import EXEMPT_FROM_DISAGREEMENT, SENTENCE
from coprod_trust.privacy.disclosure import minimum_group
from coprod_trust.report import groups, relations
from coprod_trust.report.edition import moved
from coprod_trust.report.guards import ALLOWS_DIRECTION
from coprod_trust.report.model import Sentence, Theirs
from coprod_trust.report.rows import EstimateRow, FindingRow
from coprod_trust.report.writer import Writer

MODEL = "mixed_model"
_AVERAGE = {Verdict.TOO_SMALL: "too_small", Verdict.INCONCLUSIVE: "inconclusive"}
_SIZE = {
    Verdict.CHANGED_SMALL: "change.size_small",
    Verdict.CHANGED_MATTERS: "change.size_matters",
    Verdict.CHANGED_UNCLEAR: "change.size_unclear",
}
_TOGETHER = {AssociationVerdict.TOGETHER: "together", AssociationVerdict.OPPOSITE: "opposite"}


def finding_sentences(w: Writer, f: FindingRow, rounded: bool = False, brief: bool = False) -> tuple[Sentence, ...]:
    """The sentences of one finding, in the order in which they are read.

    ``rounded`` and ``brief`` are for page one: whole points, where they still add up, and without what is said there
    once for all findings.
    """
    if f.declined or f.estimate is None:
        return (_declined(w, f),)
    if f.question == "change":
        return change_sentences(w, f, rounded, brief)
    if f.question in ("association", "mechanism"):
        return association_sentences(w, f)
    if f.question == "selection":
        return (_difference(w, f),)
    if f.question in relations.QUESTIONS:
        return relations.relation_sentences(w, f)
    if f.question in groups.QUESTIONS:
        return groups.group_sentences(w, f, compared_group(w, f))
    return (_general(w, f),)


def finding_text(w: Writer, f: FindingRow) -> str:
    """The same as one text: what is kept in ``finding.sentence``."""
    return " ".join(s.text for s in finding_sentences(w, f))


def change_sentences(w: Writer, f: FindingRow, rounded: bool = False, brief: bool = False) -> tuple[Sentence, ...]:
    """Average change: where it went (only if the verdict allows a direction), how many answered, and how many people
    changed more than measurement error would explain. Too few people get no sentence about an average."""
    if f.n is not None and f.n < SENTENCE.minimum:
        start, end = f.waves or ("", "")
        few = w.t.sentence(
            "change.too_few",
            f.n,
            finding_id=f.finding_id,
            label=w.outcome(f),
            start=w.wave(start),
            end=w.wave(end),
            minimum=SENTENCE.minimum,
        )
        return (few,)
    sentences = (_average(w, f, rounded), _size(w, f), _answered(w, f, brief), _people(w, f, brief))
    return tuple(s for s in sentences if s is not None)


def association_sentences(w: Writer, f: FindingRow) -> tuple[Sentence, ...]:
    """Whether two changes go together in the same people; never which came first."""
    t = w.t
    form = _TOGETHER.get(AssociationVerdict(f.verdict)) if f.verdict in set(AssociationVerdict) else None
    said = t.sentence(
        f"association.{form or 'open'}",
        finding_id=f.finding_id,
        x=w.scale(f.predictor or ""),
        y=w.scale(f.outcome),
        r=t.bare(f.estimate),
        ci=t.interval(f.ci_low, f.ci_high, 2, bare=True),
        n=f.n or 0,
    )
    if form is None:
        return (said,)
    return said, t.sentence("association.order", finding_id=f.finding_id)


def _average(w: Writer, f: FindingRow, rounded: bool) -> Sentence:
    t = w.t
    assert f.estimate is not None
    start, end = f.waves or ("", "")
    directed = f.verdict in ALLOWS_DIRECTION
    if directed:
        form = "fell" if f.estimate < 0 else "rose"
    else:
        form = _AVERAGE.get(Verdict(f.verdict), "no_verdict") if f.verdict in set(Verdict) else "no_verdict"
    without = f.mean_from is None or f.mean_to is None
    digits = 0 if rounded and adds_up(f) else 1
    exact = without or subtracts(f.mean_from, f.mean_to, f.estimate, digits)
    return t.sentence(
        f"change.{form}_without_means" if without else f"change.{form}",
        finding_id=f.finding_id,
        direction=True,
        start=w.wave(start),
        end=w.wave(end),
        label=w.outcome(f),
        mean_from=t.number(f.mean_from, digits),
        mean_to=t.number(f.mean_to, digits),
        points=t.number(abs(f.estimate) if directed else f.estimate, digits, plus=not directed),
        ci=interval_words(w, *_sized(f, form), digits, exact),
        delta=w.delta,
    )


def _sized(f: FindingRow, form: str) -> tuple[float | None, float | None]:
    """The interval of what the sentence gives as points: of a fall, how large it was."""
    if form != "fell" or f.ci_low is None or f.ci_high is None:
        return f.ci_low, f.ci_high
    return -f.ci_high, -f.ci_low


def interval_words(w: Writer, low: float | None, high: float | None, digits: int = 1, exact: bool = True) -> str:
    """'95% CI a to b', or that there is none; before it, where levels do not subtract to the change, why."""
    if low is None or high is None:
        words = w.t.say("change.no_interval")
    else:
        words = w.t.say("change.interval", ci=w.t.interval(low, high, digits))
    return words if exact else w.t.say("change.before_rounding", ci=words)


def subtracts(start: float | None, end: float | None, change: float | None, digits: int = 1) -> bool:
    """Whether two levels, as they are shown, differ by the change, as it is shown; true where one is not there."""
    if start is None or end is None or change is None:
        return True
    shown = [float(f"{v:.{digits}f}") for v in (start, end, change)]
    return abs(shown[1] - shown[0] - shown[2]) < 0.5 * 10**-digits


def adds_up(f: FindingRow) -> bool:
    """Whether the levels, rounded to whole points, differ by the rounded change, and the interval keeps its side."""
    if f.mean_from is None or f.mean_to is None or f.estimate is None or f.ci_low is None or f.ci_high is None:
        return False
    sides = [(round(v) > 0) - (round(v) < 0) == (v > 0) - (v < 0) for v in (f.estimate, f.ci_low, f.ci_high)]
    return subtracts(f.mean_from, f.mean_to, f.estimate, 0) and all(sides)


def _size(w: Writer, f: FindingRow) -> Sentence | None:
    key = _SIZE.get(Verdict(f.verdict)) if f.verdict in set(Verdict) else None
    return w.t.sentence(key, finding_id=f.finding_id, delta=w.delta) if key else None


def _answered(w: Writer, f: FindingRow, brief: bool) -> Sentence | None:
    if f.n is None:
        return None
    if f.n_start is None or (w.only_linked and f.n == f.n_start):
        return w.t.sentence("change.answered", finding_id=f.finding_id, n=f.n)
    key = "change.started_modelled" if modelled(f) and not brief else f"change.{w.followed}_answered"
    return w.t.sentence(key, finding_id=f.finding_id, n_start=f.n_start, n=f.n)


def modelled(f: FindingRow) -> bool:
    """Whether the averages also count people who left, as the model estimates them."""
    return f.method == MODEL and f.n is not None and f.n_start is not None and f.n < f.n_start


def _people(w: Writer, f: FindingRow, brief: bool) -> Sentence | None:
    """How many people changed more than measurement error would explain; ``brief``: nothing of too few to be shown."""
    if not f.n or f.n_fell is None or f.n_rose is None:
        return None
    hidden = None if brief else w.t.sentence("few.people", finding_id=f.finding_id)
    fell, _, rose, fell_any, rose_any = moved(f, w.edition)
    if f.n_fell_reliably is None or f.n_rose_reliably is None:
        if fell_any is None or rose_any is None:
            return hidden
        return w.t.sentence("change.people_any", finding_id=f.finding_id, fell=fell_any, rose=rose_any, n=f.n)
    if fell is None or rose is None:
        return hidden
    form = ("_neither", "_none_fell", "_none_rose", "")[2 * bool(fell) + bool(rose)]
    return w.t.sentence(f"change.people{form}", finding_id=f.finding_id, fell=fell, rose=rose, n=f.n)


def differs(w: Writer, f: FindingRow) -> bool:
    """Whether a difference between groups stands at the level of the plan, adjusted where it is in a family."""
    p = f.p_adjusted if f.p_adjusted is not None else f.p_value
    return p is not None and p < w.m.study.plan.alpha


def compared_group(w: Writer, f: FindingRow) -> str:
    """The group that participants are compared with: the end of the finding's id, or the only other group."""
    parts = f.finding_id.split(".")
    groups = w.m.study.groups
    others = [g.id for g in groups.values if g.id != groups.participants]
    return parts[3] if len(parts) > 3 else others[0] if others else ""


def _difference(w: Writer, f: FindingRow) -> Sentence:
    """Where participants stood at the first wave beside the other group."""
    assert f.estimate is not None
    higher = "higher" if f.estimate > 0 else "lower"
    return w.t.sentence(
        f"selection.{higher}" if differs(w, f) else "selection.open",
        finding_id=f.finding_id,
        label=w.scale(f.outcome),
        group=w.group(compared_group(w, f)),
        wave=w.contrast(f.contrast),
        points=w.t.number(abs(f.estimate) if differs(w, f) else f.estimate, plus=not differs(w, f)),
        ci=interval_words(w, f.ci_low, f.ci_high),
        n=f.n or 0,
    )


def _declined(w: Writer, f: FindingRow) -> Sentence:
    minimum = minimum_group(w.edition)
    if f.declined == w.t.say("few.declined", minimum=minimum):
        return w.t.sentence("few.finding", finding_id=f.finding_id, label=w.outcome_title(f), minimum=minimum)
    reason = (f.declined or w.t.say("declined.unknown")).rstrip(".")
    key = f"{f.question}.declined" if w.t.has(f"{f.question}.declined") else "general.declined"
    start, end = f.waves or ("", "")
    return w.t.sentence(
        key,
        finding_id=f.finding_id,
        label=w.outcome(f),
        x=w.scale(f.predictor or ""),
        y=w.scale(f.outcome),
        start=w.wave(start),
        end=w.wave(end),
        group=w.group(compared_group(w, f)),
        wave=w.contrast(f.contrast),
        reason=reason,
    )


def _general(w: Writer, f: FindingRow) -> Sentence:
    return w.t.sentence(
        "general.estimate",
        finding_id=f.finding_id,
        label=w.outcome(f),
        estimand=Theirs(f.estimand),
        estimate=w.t.number(f.estimate, 2),
        ci=w.t.interval(f.ci_low, f.ci_high, 2),
        n=f.n or 0,
    )


def what_limits_certainty(w: Writer, f: FindingRow) -> Sentence | None:
    """Which checks kept a finding that has a direction, or that went together, from being clear; None where none is
    known. The shift of those who left is named where the other two checks do not account for the word."""
    if (f.verdict not in ALLOWS_DIRECTION and f.verdict not in _TOGETHER) or f.certainty in (None, Certainty.CLEAR):
        return None
    t = w.t
    methods = {e.method: e for e in f.estimates}
    reasons = []
    flip = methods.get("sign_flip")
    if flip is not None and flip.p_value is not None and flip.p_value >= w.m.study.plan.alpha:
        reasons.append(t.say("limited.permutation"))
    without = methods.get("without_two_most_influential")
    if without is not None and without.verdict and without.verdict != f.verdict:
        reasons.append(t.say("limited.without_two", verdict=w.verdict(without.verdict)))
    tipping = methods.get("tipping_point")
    accounted = len(reasons) >= (1 if f.certainty == Certainty.SUGGESTIVE else 2)
    if tipping is not None and tipping.estimate is not None and not accounted:
        form = "imputed" if tipping.estimate == 0 else "higher" if tipping.estimate > 0 else "lower"
        reasons.append(
            t.say(
                f"limited.{form}",
                points=t.number(abs(tipping.estimate), 0 if tipping.estimate == int(tipping.estimate) else 1),
            )
        )
    return t.sentence("limited.sentence", finding_id=f.finding_id, reasons=t.join(reasons)) if reasons else None


def disagreeing(f: FindingRow) -> tuple[EstimateRow, ...]:
    """Sensitivity analyses whose verdict differs from the primary one: both go on page one."""
    return tuple(
        e
        for e in f.estimates
        if e.role == "sensitivity" and e.verdict and e.verdict != f.verdict and e.method not in EXEMPT_FROM_DISAGREEMENT
    )
