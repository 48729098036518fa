"""The overview as a report: its head, a card a kind of trust, and the sections that follow."""

from __future__ import annotations

from coprod_trust.analysis.finding import Verdict
from coprod_trust.analysis.rules import CHANGE_VERDICTS, FEW_PEOPLE_A_STUDY, FEW_STUDIES, PORTFOLIO
from coprod_trust.portfolio.compare import Comparison, Summary
from coprod_trust.portfolio.material import Overview
from coprod_trust.portfolio.overview_sections import apart, forests, left_out, methods, other, studies, tests
from coprod_trust.portfolio.overview_writer import OverviewWriter
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.guards import check_report
from coprod_trust.report.language import Language
from coprod_trust.report.model import (
    Block,
    Card,
    Head,
    Heading,
    Listing,
    Notice,
    Paragraph,
    Report,
    Section,
    Sentence,
    Text,
    Theirs,
    Words,
)

_SIZE = {
    Verdict.CHANGED_SMALL: "overview.size_small",
    Verdict.CHANGED_MATTERS: "overview.size_matters",
    Verdict.CHANGED_UNCLEAR: "overview.size_unclear",
}


def build_overview(overview: Overview, language: Language, edition: Edition) -> Report:
    """The report model of the overview in that language and edition, checked against the guards.

    Raises GuardViolation where generated text says more than the rules allow.
    """
    w = OverviewWriter(overview, language, edition)
    sections = (
        _summary(w), forests(w), apart(w), other(w), left_out(w), studies(w), methods(w), tests(w),
    )  # fmt: skip
    report = Report(_head(w), tuple(s for s in sections if s is not None))
    summaries = {c.comparison_id: c.summary for c in overview.comparisons}
    check_report(
        report,
        verdicts={key: s.verdict if s else None for key, s in summaries.items()},
        certainties={key: s.certainty if s else None for key, s in summaries.items()},
        compared=True,
        theirs=[s.label for s in overview.studies],
    )
    return report


def _head(w: OverviewWriter) -> Head:
    o, t = w.o, w.t
    published = sum(s.standing is not None for s in o.studies)
    facts: list[tuple[Words, Text]] = [
        (t.say("overview.studies"), t.say("overview.published", n=published, total=len(o.studies))),
        (t.say("head.edition"), t.say(f"head.{w.edition}")),
        (t.say("head.made"), Words(t.date(o.made_at.date()))),
    ]
    if o.main:
        interval = t.say("overview.interval_value", months=w.months(o.main[0].months))
        facts.insert(1, (t.say("overview.interval"), interval))
    synthetic = next((s.synthetic for s in o.studies if s.synthetic), None)
    return Head(
        title=Theirs(o.portfolio.settings.title),
        subtitle=t.say("overview.subtitle", count=len(o.studies)),
        status=t.say("overview.status"),
        edition=str(w.edition),
        language=t.code,
        wave="",
        run_id=o.run_id,
        synthetic=Theirs(synthetic) if synthetic else None,
        facts=tuple(facts),
    )


def _summary(w: OverviewWriter) -> Section:
    t = w.t
    blocks: list[Block] = []
    synthetic = list(dict.fromkeys(s.synthetic for s in w.o.studies if s.synthetic))
    if synthetic:
        said = tuple(Sentence(Theirs(text)) for text in synthetic)
        blocks.append(Notice("synthetic", t.say("summary.synthetic"), said))
    blocks.append(w.paragraph(t.sentence("overview.intro")))
    blocks += _old_or_absent(w)
    if not w.o.main:
        blocks.append(w.paragraph(t.sentence("overview.nothing")))
    else:
        blocks.append(Heading("found", t.say("summary.found")))
    for c in w.o.main:
        if c.summary is None:
            blocks.append(w.paragraph(_no_summary(w, c)))
        else:
            blocks.append(_card(w, c, c.summary))
    cannot = ("cause", "compare", "rank", "person")
    points = tuple(Paragraph((t.sentence(f"overview.cannot_{what}"),)) for what in cannot)
    blocks += [Heading("cannot-say", t.say("summary.cannot")), Listing(points)]
    return Section("summary", t.say("section.summary"), tuple(blocks))


def _old_or_absent(w: OverviewWriter) -> list[Block]:
    kinds = {
        "overview.stale": [s for s in w.o.studies if w.o.is_stale(s)],
        "overview.absent": [s for s in w.o.studies if s.standing is None],
    }
    return [
        w.paragraph(w.t.sentence(key, count=len(found), names=w.t.join([Theirs(s.label) for s in found])))
        for key, found in kinds.items()
        if found
    ]


def _no_summary(w: OverviewWriter, c: Comparison) -> Sentence:
    key = "overview.few_studies" if c.members else "overview.none_together"
    values = {"k": len(c.members)} if c.members else {}
    reason = w.t.say(key, minimum=PORTFOLIO.minimum, **values)
    return w.t.sentence("overview.no_summary", label=w.title(c.dimension), reason=reason)


def _card(w: OverviewWriter, c: Comparison, s: Summary) -> Card:
    t = w.t
    title = t.say("overview.title", label=w.title(c.dimension), months=w.months(c.months))
    left_out = t.sentence("overview.not_together", count=len(c.left_out)) if c.left_out else None
    size = (
        t.sentence(_SIZE[s.verdict], finding_id=c.comparison_id, delta=w.delta(c.bound)) if s.verdict in _SIZE else None
    )
    sentences = [_said(w, c, s), size, _single(w, c), *_warned(w, c, s), left_out]
    return Card(
        c.comparison_id, title, s.certainty, w.certainty(s.certainty), tuple(x for x in sentences if x is not None)
    )


def _said(w: OverviewWriter, c: Comparison, s: Summary) -> Sentence:
    fit = s.combined
    directed = s.verdict in CHANGE_VERDICTS
    form = ("fell" if fit.estimate < 0 else "rose") if directed else (
        "too_small" if s.verdict == Verdict.TOO_SMALL else "inconclusive"
    )  # fmt: skip
    return w.t.sentence(
        f"overview.{form}",
        finding_id=c.comparison_id,
        direction=True,
        months=w.months(c.months),
        label=w.dimension(c.dimension),
        points=w.t.number(abs(fit.estimate) if directed else fit.estimate, plus=not directed),
        ci=w.ci(*fit.interval),
        k=fit.k,
        n=c.n_people,
    )


def _single(w: OverviewWriter, c: Comparison) -> Sentence | None:
    """In how many of the studies their own report says that it fell, or rose."""
    if w.hidden(c):
        return None
    told = [m for m in c.members if m.verdict in CHANGE_VERDICTS]
    fell, rose = sum((m.estimate or 0) < 0 for m in told), sum((m.estimate or 0) > 0 for m in told)
    fell_in, rose_in = (n or w.t.say("nobody") for n in (fell, rose))
    return w.t.sentence("overview.single", fell=fell_in, rose=rose_in, other=len(c.members) - fell - rose)


def _warned(w: OverviewWriter, c: Comparison, s: Summary) -> list[Sentence]:
    t, fit, plain = w.t, s.combined, s.by_equal_weights
    low, high = fit.prediction or (0.0, 0.0)
    values: dict[str, dict[str, object]] = {
        "few_studies": {"k": fit.k, "minimum": FEW_STUDIES},
        "heterogeneous": {"tau": t.number(fit.tau), "i2": t.number(100 * fit.i_squared, 0)},
        "prediction_both_ways": {"low": t.number(low, plus=True), "high": t.number(high, plus=True)},
        "few_people": {"minimum": FEW_PEOPLE_A_STUDY},
        "equal_weights": {"points": t.number(plain.estimate, plus=True), "ci": w.ci(*plain.interval)},
    }
    return [t.sentence(f"overview.warning.{key}", **values.get(key, {})) for key in s.warnings]  # type: ignore[arg-type]
