"""Sentences on relations: what goes together within people, at the start and over the waves, and with conditions."""

from __future__ import annotations

from coprod_trust.analysis.finding import ModeratorVerdict, RelationVerdict
from coprod_trust.report.model import Sentence
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.writer import Writer

_FORM = {
    RelationVerdict.TOGETHER: "together",
    RelationVerdict.OPPOSITE: "opposite",
    ModeratorVerdict.HIGHER: "higher",
    ModeratorVerdict.LOWER: "lower",
}
_DIGITS = {"correlation": 2, "within": 2, "cross_lagged": 2, "mediation": 2, "moderation": 1}
QUESTIONS = tuple(_DIGITS)


def relation_sentences(w: Writer, f: FindingRow) -> tuple[Sentence, ...]:
    """One sentence in the form that the verdict allows; an inconclusive one is left open, never 'not related'."""
    t = w.t
    form = next((form for verdict, form in _FORM.items() if verdict == f.verdict), "open")
    start, end = f.waves or ("", "")
    digits = _DIGITS[f.question]
    rho = f.question == "correlation"
    said = t.sentence(
        f"{f.question}.{form}",
        finding_id=f.finding_id,
        x=w.scale(f.predictor or ""),
        y=w.scale(f.outcome),
        wave=w.contrast(f.contrast),
        start=w.wave(start),
        end=w.wave(end),
        value=t.bare(f.estimate) if rho else t.number(_shown(f), digits),
        ci=t.interval(f.ci_low, f.ci_high, digits, bare=rho),
        n=f.n or 0,
    )
    if form == "open" or f.question == "mediation":
        return (said,)
    return said, t.sentence(f"{f.question}.order", finding_id=f.finding_id)


def _shown(f: FindingRow) -> float | None:
    """A difference that is put as 'higher' or 'lower' is given without its sign."""
    directed = f.question == "moderation" and f.verdict in (ModeratorVerdict.HIGHER, ModeratorVerdict.LOWER)
    return abs(f.estimate) if directed and f.estimate is not None else f.estimate
