"""Page one: what was asked, who answered, what was found and how certain it is, and what cannot be said."""

from __future__ import annotations

from collections import Counter

from coprod_trust.analysis.finding import Verdict
from coprod_trust.analysis.rules import Fit
from coprod_trust.privacy.disclosure import Edition, may_show
from coprod_trust.report.edition import moved
from coprod_trust.report.model import Block, Card, Heading, Listing, Notice, Paragraph, Section, Sentence, Theirs
from coprod_trust.report.rows import FindingRow
from coprod_trust.report.sections.comparison import comparison_made
from coprod_trust.report.sections.evidence import people
from coprod_trust.report.sentences import (
    adds_up,
    differs,
    disagreeing,
    finding_sentences,
    interval_words,
    modelled,
    what_limits_certainty,
)
from coprod_trust.report.writer import Writer
from coprod_trust.study.model import Dimension

MOST_CARDS = 5


def summary(w: Writer) -> Section:
    """Sections that follow give the detail; this one can be read alone."""
    blocks: list[Block] = []
    synthetic = w.m.study.synthetic
    if synthetic:
        blocks.append(Notice("synthetic", w.t.say("summary.synthetic"), (Sentence(Theirs(synthetic)),)))
    blocks += [_asked(w), _answered(w)]
    shown = findings_on_page_one(w)
    blocks.append(Heading("found", w.t.say("summary.found")))
    if shown:
        rounded = all(adds_up(f) for f in shown if f.question == "change" and not f.declined)
        changes = [f for f in shown if f.question == "change"]
        blocks.append(_reading(w, shown))
        blocks += [_card(w, f, rounded) for f in changes]
        blocks.append(w.paragraph(_comparison(w)))
        blocks += [_card(w, f, rounded) for f in shown if f not in changes]
    else:
        key = "summary.one_wave" if len(w.m.waves) < 2 else "summary.no_findings"
        blocks.append(w.paragraph(w.t.sentence(key)))
        levels = [w.paragraph(level) for level in _levels(w)] if len(w.m.waves) < 2 else []
        blocks += [Listing(tuple(levels))] if levels else []
        blocks += [w.paragraph(_comparison(w))] if len(w.m.waves) > 1 else []
    blocks += [*_disagreements(w, shown), Heading("numbers-and-notes", w.t.say("summary.together")), _discordance(w)]
    blocks += [Heading("cannot-say", w.t.say("summary.cannot")), Listing(tuple(_cannot(w, shown)))]
    return Section("summary", w.t.say("section.summary"), tuple(blocks))


def findings_on_page_one(w: Writer) -> tuple[FindingRow, ...]:
    """Primary change of the plan's outcomes, then planned associations, the best supported first; at most five."""
    primary = w.m.study.plan.primary or [s.id for s in w.m.trust_scales()]
    changes = [f for f in (w.m.change(w.m.study.scale(p)) for p in primary) if f is not None]
    contrasts = {f.contrast for f in changes}
    associations = sorted(
        (
            f
            for f in w.m.findings
            if f.question == "association" and not f.exploratory and f.contrast in contrasts and not f.declined
        ),
        key=lambda f: (f.p_adjusted if f.p_adjusted is not None else 1.0, f.finding_id),
    )
    return (*changes, *associations)[: max(MOST_CARDS, min(len(changes), 6))]


def _asked(w: Writer) -> Paragraph:
    m = w.m
    if not m.trust_scales():
        return w.paragraph(w.t.sentence("summary.asked_nothing"))
    names = w.t.join([w.scale(s) for s in m.trust_scales()])
    if len(m.waves) < 2:
        return w.paragraph(w.t.sentence("summary.asked_once", names=names, wave=w.wave(m.wave)))
    sentences = [
        w.t.sentence(
            "summary.asked", len(m.trust_scales()), names=names, start=w.wave(m.waves[0]), end=w.wave(m.waves[-1])
        ),
    ]
    if any(f.question == "association" for f in m.findings):
        sentences.append(w.t.sentence("summary.asked_association"))
    return w.paragraph(*sentences)


def _answered(w: Writer) -> Paragraph:
    m = w.m
    mine = [r for r in m.flow if r.study_group == m.study.groups.participants]
    if not mine:
        return w.paragraph(w.t.sentence("summary.nobody"))
    first, latest = mine[0], mine[-1]
    sentences = [w.t.sentence("summary.started", count=first.n_answered, wave=w.wave(m.waves[first.ordinal]))]
    if first.n_starters and first.n_starters < first.n_answered:
        said = "summary.linked" if w.only_linked else "summary.to_follow"
        sentences.append(w.t.sentence(said, count=first.n_starters))
    # Of those who are known because they are in two waves, all are in both: that is no share who stayed.
    if latest.ordinal > first.ordinal and not w.only_linked:
        sentences.append(
            w.t.sentence(
                "summary.still",
                wave=w.wave(m.waves[latest.ordinal]),
                share=w.share(latest.n_starters, first.n_starters or first.n_answered),
            )
        )
        joined = sum(r.n_joined for r in mine)
        if joined:
            sentences.append(w.t.sentence("summary.joined", count=joined))
    others = [r for r in m.flow if r.study_group != m.study.groups.participants and r.ordinal == 0]
    sentences += [w.t.sentence("summary.others", n=r.n_answered, group=w.group(r.study_group)) for r in others]
    return w.paragraph(*sentences, _set_aside(w))


def _set_aside(w: Writer) -> Sentence | None:
    """How many rows were not used: where that is many, few people may have left after all."""
    by_wave: Counter[str | None] = Counter()
    for s in w.m.sources:
        if s.kind == "survey" and s.status == "imported":
            by_wave[s.wave] += s.quarantined
    counts = [n for n in by_wave.values() if n]
    if not counts or (w.edition is Edition.PUBLIC and not all(may_show(n, w.edition) for n in counts)):
        return None
    return w.t.sentence("summary.set_aside", count=sum(counts))


def _reading(w: Writer, shown: tuple[FindingRow, ...]) -> Paragraph:
    """How to read the cards, and what holds for several of them."""
    changes = [f for f in shown if f.question == "change" and f.estimate is not None]
    left = any(modelled(f) for f in changes)
    few = any(
        f.n_fell is not None and None in moved(f, w.edition)[::2] for f in changes if f.n_fell_reliably is not None
    )
    return w.paragraph(
        w.t.sentence("summary.reading"),
        w.t.sentence("summary.reading_left") if left else None,
        w.t.sentence("summary.reading_few") if few else None,
    )


def _card(w: Writer, f: FindingRow, rounded: bool) -> Card:
    if f.question == "association":
        title = w.t.say("summary.association_title", x=w.title(f.predictor or ""), y=w.scale(f.outcome))
    else:
        title = w.t.say("plain", text=w.title(f.outcome))
    words = w.certainty(f.certainty) if not f.declined else w.t.say("certainty.declined")
    limits = what_limits_certainty(w, f)
    exploratory = w.t.sentence("summary.exploratory") if f.exploratory else None
    sentences = (*finding_sentences(w, f, rounded, brief=True), *(s for s in (limits, exploratory) if s is not None))
    return Card(f.finding_id, title, f.certainty, words, sentences)


def _levels(w: Writer) -> list[Sentence]:
    """The averages of the only wave."""
    found = []
    for mean in w.m.means:
        if mean.method == "observed" and mean.population == w.m.study.groups.participants and mean.mean is not None:
            scale = w.m.scale(mean.scale)
            if scale is not None and scale.dimension is not None and mean.wave == w.m.wave:
                found.append(
                    w.t.sentence(
                        "summary.level",
                        label=w.scale(scale),
                        mean=w.t.number(mean.mean),
                        ci=interval_words(w, mean.ci_low, mean.ci_high),
                        n=mean.n,
                    )
                )
    return found


def _comparison(w: Writer) -> Sentence:
    if w.m.comparison_followed():
        last = len(w.m.waves) - 1
        n = sum(r.n_starters for r in w.m.flow if r.ordinal == last and r.study_group != w.m.study.groups.participants)
        return w.t.sentence("comparison.compared" if comparison_made(w) else "comparison.followed", count=n)
    last = _last_compared(w)
    return w.t.sentence("comparison.until", end=w.wave(w.m.wave)) if last else w.t.sentence("comparison.none")


def _last_compared(w: Writer) -> int:
    """The latest wave, counted from 0, in which anybody of another group answered who had answered at the first."""
    others = (r for r in w.m.flow if r.study_group != w.m.study.groups.participants and r.n_starters)
    return max((r.ordinal for r in others), default=0)


def _disagreements(w: Writer, shown: tuple[FindingRow, ...]) -> list[Block]:
    alpha = w.m.study.plan.alpha
    sentences = []
    for f in shown:
        for e in disagreeing(f):
            sentences.append(
                w.t.sentence(
                    "summary.disagree" if e.estimate is not None else "summary.disagree_verdict",
                    finding_id=f.finding_id,
                    label=w.scale(f.outcome),
                    verdict=w.verdict(f.verdict),
                    method=w.method(e.method),
                    other=w.verdict(e.verdict),
                    estimate=w.estimate(e.estimate, e.ci_low, e.ci_high),
                )
            )
            # Else the interval, which is not adjusted, seems to say otherwise.
            if e.verdict == Verdict.INCONCLUSIVE and e.p_value is not None and e.p_value < alpha and f.family:
                adjusted = w.t.sentence(
                    "summary.disagree_adjusted", finding_id=f.finding_id, p=w.t.p(e.p_value), alpha=w.t.bare(alpha)
                )
                sentences.append(adjusted)
    return [Notice("warning", w.t.say("summary.disagree_title"), tuple(sentences))] if sentences else []


def _discordance(w: Writer) -> Paragraph:
    weighed = [meta for meta in w.m.meta if meta.weighed and meta.stands]
    discordant = [meta for meta in weighed if meta.stands == Fit.DISCORDANCE]
    if not weighed:
        noted = w.m.notes_base is not None and w.m.notes_base.n_segments
        return w.paragraph(w.t.sentence("discordance.not_assessed" if noted else "said.none"))
    if not discordant:
        return w.paragraph(w.t.sentence("discordance.none", count=len(weighed)))
    meta = max(discordant, key=lambda one: (one.n_contrasts, one.finding_id))
    finding = w.m.finding(meta.finding_id)
    label = w.scale(finding.outcome) if finding else Theirs(meta.finding_id)
    contrast = w.contrast(finding.contrast if finding else None)
    if not may_show(meta.n_speaking, w.edition):
        few = w.t.sentence("discordance.found_few", finding_id=meta.finding_id, label=label, contrast=contrast)
        return w.paragraph(few)
    return w.paragraph(
        w.t.sentence(
            "discordance.found",
            finding_id=meta.finding_id,
            label=label,
            contrast=contrast,
            speaking=meta.n_speaking,
            contrasts=people(w, meta.n_contrasts, meta.n_speaking),
            confirms=people(w, meta.n_confirms, meta.n_speaking),
        )
    )


def _cannot(w: Writer, shown: tuple[FindingRow, ...]) -> list[Paragraph]:
    m = w.m
    points = [w.t.sentence("cannot.cause" if len(m.waves) > 1 else "cannot.change_yet")]
    mine = [r for r in m.flow if r.study_group == m.study.groups.participants]
    if mine and mine[-1].ordinal > 0:
        left = mine[0].n_starters - mine[-1].n_starters
        if w.only_linked:
            points.append(w.t.sentence("cannot.linked"))
        elif left:
            points.append(w.t.sentence("cannot.left", count=left))
    if len({r.study_group for r in m.flow}) > 1:
        known = any(f.question == "selection" and differs(w, f) for f in m.findings)
        points.append(w.t.sentence("cannot.selection_differed" if known else "cannot.selection"))
    measured = {s.dimension for s in m.trust_scales()}
    missing = [w.t.say(f"dimension.{d}") for d in Dimension if d not in measured and d != Dimension.INTERPERSONAL]
    if missing:
        points.append(w.t.sentence("cannot.not_measured", names=w.t.join(list(missing))))
    open_ones = [w.scale(f.outcome) for f in shown if f.verdict == Verdict.INCONCLUSIVE]
    if open_ones:
        points.append(w.t.sentence("cannot.inconclusive", names=w.t.join(list(open_ones))))
    for comparison in m.comparability:
        scale = m.scale(comparison.scale)
        contrast = m.contrast(scale) if scale else None
        if scale is None or contrast is None or comparison.comparable:
            continue
        start, end = comparison.wave_from, comparison.wave_to
        if (start, end) == (contrast.wave_from, contrast.wave_to):
            points.append(w.t.sentence("cannot.blocked", label=w.scale(scale), start=w.wave(start), end=w.wave(end)))
    return [w.paragraph(p) for p in points]
