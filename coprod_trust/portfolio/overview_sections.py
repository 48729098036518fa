"""The sections of an overview after its first: forest plots, how far studies differ, what was left out and why."""

from __future__ import annotations

from typing import Any

from coprod_trust.analysis.rules import PREDICTION
from coprod_trust.portfolio.combine import Combined, Mean
from coprod_trust.portfolio.compare import Comparison, LeftOut, Summary
from coprod_trust.portfolio.overview_writer import OverviewWriter
from coprod_trust.portfolio.read import Change, StudyRead
from coprod_trust.privacy.disclosure import Edition
from coprod_trust.report.charts.forest import Line, forest_plot
from coprod_trust.report.model import (
    Block,
    Figure,
    Heading,
    Listing,
    Panel,
    Paragraph,
    Row,
    Section,
    Sentence,
    Table,
    Text,
    Theirs,
    Words,
)


def forests(w: OverviewWriter) -> Section | None:
    """A forest plot a kind of trust; None where nothing is compared."""
    if not w.o.main:
        return None
    blocks: list[Block] = []
    for c in w.o.main:
        blocks += [Heading(f"forest-{c.dimension}", w.title(c.dimension)), _forest(w, c)]
    return Section("forest", w.t.say("overview.section_forest"), tuple(blocks))


def _forest(w: OverviewWriter, c: Comparison) -> Figure:
    t = w.t
    hidden = w.hidden(c)
    beside = [(o.change, o) for o in c.left_out if o.change is not None and o.reason != "interval"]
    order = {s.key: i for i, s in enumerate(w.o.studies)}
    drawn = sorted([*((m, None) for m in c.members), *beside], key=lambda pair: order[pair[0].study])
    weights = dict(zip((m.study for m in c.members), c.summary.combined.weights, strict=True)) if c.summary else {}
    lines = [_line(w, change, weights, hidden) for change, _ in drawn]
    label, months = w.title(c.dimension), w.months(c.months)
    mean = further = None
    spoken = t.say("overview.spoken_no_mean")
    if c.summary is not None:
        fit = c.summary.combined
        shown = w.estimate(fit.estimate, *fit.interval, plus=True)
        mean = Line(t.say("overview.mean", k=fit.k), shown, fit.estimate, *fit.interval, weight=1.0)
        spoken = t.say("overview.spoken_mean", k=fit.k, estimate=shown)
        if fit.prediction is not None:
            further = (t.say("overview.further"), t.interval(*fit.prediction), *fit.prediction)
    alternative = t.say("overview.alternative", label=w.dimension(c.dimension), months=months, spoken=spoken)
    chart = forest_plot(lines, c.bound, t.say("overview.axis"), mean, further)
    notes = [t.sentence("overview.figure_note")]
    if any(o.change is not None and o.change.study not in hidden for _, o in beside if o):
        notes.append(t.sentence("overview.open_note"))
    if hidden:
        notes.append(w.small_groups())
    return Figure(
        f"forest-plot-{c.dimension}",
        t.say("overview.figure", label=label, months=months),
        (Panel(label, alternative, chart=chart),),
        numbers=_numbers(w, c, weights, hidden),
        notes=tuple(notes),
    )


def _line(w: OverviewWriter, change: Change, weights: dict[str, float], hidden: frozenset[str]) -> Line:
    label = w.study(change.study)
    if change.study in hidden:
        return Line(label, w.t.say("overview.hidden_study"))
    if change.estimate is None:
        return Line(label, w.t.say("declined.short"))
    shown = w.estimate(change.estimate, change.ci_low, change.ci_high, plus=True)
    return Line(label, shown, change.estimate, change.ci_low, change.ci_high, weights.get(change.study))


def _numbers(w: OverviewWriter, c: Comparison, weights: dict[str, float], hidden: frozenset[str]) -> Table:
    t = w.t
    by_study: dict[str, Change | LeftOut] = {m.study: m for m in c.members} | {o.study: o for o in c.left_out}
    rows = []
    for study in w.o.studies:
        held = by_study[study.key]
        change = held if isinstance(held, Change) else held.change
        together = t.say("yes") if isinstance(held, Change) else w.reason(held, c.months)
        if change is None or study.key in hidden:
            kept = t.say("not_shown") if change else t.say("none")
            rows.append(Row((Theirs(study.label), kept, kept, kept, kept, kept, together)))
            continue
        weight = weights.get(study.key)
        rows.append(
            Row(
                (
                    Theirs(study.label),
                    Words(w.months(change.months)),
                    w.whole(change.n),
                    w.estimate(change.estimate, change.ci_low, change.ci_high, plus=True),
                    w.verdict(change.verdict),
                    Words(t.number(100 * weight) if weight is not None else t.say("none")),
                    together,
                )
            )
        )
    own = w.overview_columns("study", "months#", "weight#", "together")
    columns = (*own[:2], *w.columns("both#", "change_ci#", "verdict"), *own[2:])
    caption = t.say("overview.numbers", label=w.title(c.dimension), months=w.months(c.months))
    return Table(f"numbers-{c.dimension}", caption, columns, tuple(rows))


def apart(w: OverviewWriter) -> Section | None:
    """How far the studies differ, and the mean without each; None without a mean."""
    summaries = [(c, c.summary) for c in w.o.main if c.summary is not None]
    if not summaries:
        return None
    t = w.t
    rows = tuple(_spread(w, c, s) for c, s in summaries)
    columns = (
        *w.overview_columns("measured", "studies#", "mean_ci#", "tau_ci#", "i_squared#", "q_p#", "further#"),
        *w.columns("p_adjusted#", "verdict"),
    )
    blocks: list[Block] = [
        w.paragraph(t.sentence("overview.apart_intro")),
        Table("apart", t.say("overview.table_apart"), columns, rows),
    ]
    without = [_extremes(w, c, s) for c, s in summaries if s.without]
    if without:
        columns = w.overview_columns("measured", "lowest", "highest")
        blocks.append(Table("without", t.say("overview.table_without"), columns, tuple(without)))
    return Section("apart-from", t.say("overview.section_apart"), tuple(blocks))


def _spread(w: OverviewWriter, c: Comparison, s: Summary) -> Row:
    t, fit = w.t, s.combined
    further = t.interval(*fit.prediction) if fit.prediction else t.say("none")
    cells = (
        w.title(c.dimension),
        w.whole(fit.k),
        w.estimate(fit.estimate, *fit.interval, plus=True),
        w.estimate(fit.tau, *fit.tau_interval),
        Words(t.number(100 * fit.i_squared, 0)),
        Words(t.p(fit.q_p)),
        Words(further),
        Words(t.p(s.p_adjusted)),
        w.verdict(s.verdict),
    )
    return Row(cells, c.comparison_id)


def _extremes(w: OverviewWriter, c: Comparison, s: Summary) -> Row:
    held = sorted(zip(s.without, (m.study for m in c.members), strict=True), key=lambda pair: pair[0].estimate)

    def shown(fit: Combined, study: str) -> Words:
        left = w.t.say("overview.without", study=w.study(study))
        figures = w.estimate(fit.estimate, *fit.interval, plus=True)
        return Words(f"{left}: {figures}", f"{left.own}: {figures.own}")

    # With a study kept back, the mean without it would give it away.
    if w.hidden(c):
        return Row((w.title(c.dimension), w.t.say("not_shown"), w.t.say("not_shown")), c.comparison_id)
    return Row((w.title(c.dimension), shown(*held[0]), shown(*held[-1])), c.comparison_id)


def other(w: OverviewWriter) -> Section | None:
    """Means over intervals other than the main one."""
    others = [(c, c.summary) for c in w.o.comparisons if not c.main and c.summary is not None]
    if not others:
        return None
    t = w.t
    rows = tuple(
        Row(
            (
                t.say("overview.title", label=w.title(c.dimension), months=w.months(c.months)),
                w.whole(s.combined.k),
                w.estimate(s.combined.estimate, *s.combined.interval, plus=True),
                Words(t.p(s.combined.p_value)),
                w.verdict(s.verdict),
                w.certainty(s.certainty),
            ),
            c.comparison_id,
        )
        for c, s in others
    )
    columns = (*w.overview_columns("measured", "studies#", "mean_ci#"), *w.columns("p#", "verdict", "certainty"))
    table = Table("other-intervals", t.say("overview.table_other"), columns, rows)
    return Section("other", t.say("overview.section_other"), (w.paragraph(t.sentence("overview.other_intro")), table))


def left_out(w: OverviewWriter) -> Section | None:
    """Which studies are in no mean, and why; None where nothing is compared."""
    if not w.o.main:
        return None
    t = w.t
    rows = []
    for c in w.o.main:
        alike: dict[Words, list[Theirs]] = {}
        for out in c.left_out:
            alike.setdefault(w.reason(out, c.months), []).append(w.study(out.study))
        rows += [
            Row((w.title(c.dimension), reason, Words(t.integer(len(names))), t.join(names)))
            for reason, names in alike.items()
        ]
    title = t.say("overview.section_left_out")
    if not rows:
        return Section("left-out", title, (w.paragraph(t.sentence("overview.all_together")),))
    columns = w.overview_columns("measured", "reason", "studies#", "which")
    table = Table("left-out-table", t.say("overview.table_left_out"), columns, tuple(rows))
    return Section("left-out", title, (table,))


def studies(w: OverviewWriter) -> Section:
    """How every study stands, and for those inside, what stands in its way."""
    t = w.t
    rows = tuple(_stands(w, s) for s in w.o.studies)
    columns = (
        *w.overview_columns("study", "data_up_to"), *w.columns("participants#"),
        *w.overview_columns("last_run", "stands"),
    )  # fmt: skip
    blocks: list[Block] = [Table("studies-table", t.say("overview.table_studies"), columns, rows)]
    problems = [p for s in w.o.studies for p in _problems(w, s)] if w.edition is Edition.INTERNAL else []
    if problems:
        blocks += [Heading("problems", t.say("overview.problems")), Listing(tuple(Paragraph((p,)) for p in problems))]
    return Section("studies", t.say("overview.section_studies"), tuple(blocks))


def _stands(w: OverviewWriter, s: StudyRead) -> Row:
    t = w.t
    key = w.o.stands(s)
    if key == "changed" and s.standing is not None:
        if w.edition is Edition.INTERNAL:
            stands = t.say("overview.stands.changed", changed=t.join([Theirs(name) for name in s.standing.changed]))
        else:
            stands = t.say("overview.stands.changed_publicly")
    else:
        stands = t.say(f"overview.stands.{key}")
    if s.standing is None:
        return Row((Theirs(s.label), t.say("none"), t.say("none"), t.say("none"), stands))
    made = Words(t.date(s.standing.finished_at.date()))
    return Row((Theirs(s.label), Theirs(s.standing.wave_label), w.count(s.standing.n_participants), made, stands))


def _problems(w: OverviewWriter, s: StudyRead) -> list[Sentence]:
    told = []
    for r in w.o.reasons(s):
        values: dict[str, Any] = {"study": Theirs(s.label), "message": Theirs(r.message), "fix": Theirs(r.fix)}
        values |= {"place": Theirs(r.where)} if r.where else {}
        told.append(w.t.sentence("overview.place" if r.where else "overview.problem", **values))
    return told


def methods(w: OverviewWriter) -> Section:
    """What was computed, and by which rules it is worded."""
    t, settings = w.t, w.o.portfolio.settings
    bound = w.o.comparisons[0].bound if w.o.comparisons else 5.0
    same = [
        t.sentence("overview.method_same", label=w.dimension(d), why=Theirs(why))
        for d, why in settings.same_instrument.items()
    ]
    alpha = t.number(settings.alpha, 2)
    return Section(
        "methods",
        t.say("overview.section_methods"),
        (
            w.paragraph(t.sentence("overview.method_like", tolerance=w.months(settings.interval_tolerance)), *same),
            w.paragraph(
                t.sentence("overview.method_model"), t.sentence("overview.method_spread", minimum=PREDICTION.minimum)
            ),
            w.paragraph(
                t.sentence("overview.method_verdict", alpha=alpha, delta=w.delta(bound)),
                t.sentence("overview.method_certainty"),
            ),
            w.paragraph(t.sentence("overview.method_numbers")),
        ),
    )


def tests(w: OverviewWriter) -> Section | None:
    """Every mean by every method; None without a mean."""
    tables = tuple(_every_method(w, c, c.summary) for c in w.o.comparisons if c.summary is not None)
    return Section("tests", w.t.say("overview.tests"), tables) if tables else None


def _every_method(w: OverviewWriter, c: Comparison, s: Summary) -> Table:
    """The mean by each method and without each study; the figures of a study kept back could be had from the latter."""
    t = w.t
    lines: list[tuple[Text, Combined | Mean]] = [
        (t.say("overview.by_random_effects"), s.combined),
        (t.say("overview.by_equal_weights"), s.by_equal_weights),
    ]
    if w.hidden(c):
        lines = lines[:1]
    else:
        left = zip(c.members, s.without, strict=False)
        lines += [(t.say("overview.without", study=w.study(m.study)), fit) for m, fit in left]
    rows = tuple(
        Row(
            (
                name,
                w.whole(fit.k),
                w.estimate(fit.estimate, *fit.interval, 2, plus=True),
                Words(t.number(fit.std_error, 2)),
                Words(t.p(fit.p_value)),
            ),
            c.comparison_id,
        )
        for name, fit in lines
    )
    columns = (*w.columns("method"), *w.overview_columns("studies#", "mean_ci#"), *w.columns("se#", "p#"))
    fit = s.combined
    caption = t.say(
        "overview.tests_caption",
        label=w.title(c.dimension),
        months=w.months(c.months),
        result=w.estimate(fit.estimate, *fit.interval, 2, plus=True),
    )
    return Table(f"tests-{c.comparison_id}", caption, columns, rows, folded=True, finding_id=c.comparison_id)
