"""Trust now and over time: levels, change, and how many people changed."""

from __future__ import annotations

from datetime import date

from coprod_trust.analysis.finding import Verdict
from coprod_trust.analysis.rules import DISATTENUATION_MINIMUM_RELIABILITY
from coprod_trust.privacy.disclosure import Part, minimum_group
from coprod_trust.report.charts import specs
from coprod_trust.report.edition import moved
from coprod_trust.report.model import (
    Block,
    Figure,
    Heading,
    Notice,
    Panel,
    Paragraph,
    Row,
    Section,
    Sentence,
    Table,
    Text,
    Theirs,
)
from coprod_trust.report.rows import FindingRow, WaveMean
from coprod_trust.report.sections.summary import findings_on_page_one
from coprod_trust.report.sentences import MODEL, finding_sentences, modelled, subtracts
from coprod_trust.report.writer import Writer
from coprod_trust.study.model import Scale

DAYS_A_MONTH = 30.4375


def trust(w: Writer) -> Section:
    """Lines and means by dimension, the change table, the dot plot and the reliable-change bars."""
    scales = [s for s in w.m.trust_scales() if _asked_at_all(w, s)]
    if not scales:
        return Section("trust", w.t.say("section.trust"), (w.paragraph(w.t.sentence("trust.none")),))
    blocks: list[Block] = [w.paragraph(w.t.sentence("trust.intro"), *_event_sentences(w))]
    blocks.append(_levels(w, scales))
    if len(w.m.waves) < 2:
        blocks.append(w.paragraph(w.t.sentence("trust.one_wave")))
    else:
        blocks += _change(w, scales)
    return Section("trust", w.t.say("section.trust"), tuple(blocks))


def other_scales(w: Writer) -> Section | None:
    """Change in what else the study measures, in the same form; None where it measures nothing else."""
    scales = [s for s in w.m.study.scales if s.dimension is None]
    findings = sorted((f for s in scales for f in _findings_of(w, s)), key=w.m.order)
    if not findings:
        return None
    primary = [f for s in scales if (f := w.m.change(s)) is not None]
    rest = [f for f in findings if f not in primary]
    exploratory = w.t.sentence("other.exploratory") if all(f.exploratory for f in findings) else None
    blocks: list[Block] = [w.paragraph(w.t.sentence("other.intro"), exploratory)]
    if primary:
        blocks.append(change_table(w, primary, "change-other", w.t.say("other.table")))
    if rest:
        blocks.append(change_table(w, rest, "change-other-rest", w.t.say("trust.change_rest"), folded=True))
    blocks += [*_with_care(w, scales), *_blocked(w, scales)]
    return Section("other", w.t.say("section.other"), tuple(blocks))


def _with_care(w: Writer, scales: list[Scale]) -> list[Block]:
    """What speaks against reading a change as one of what the scale is about."""
    said = (*_unreliable(w, scales), *_not_alike(w, scales))
    return [Notice("warning", w.t.say("trust.unreliable_title"), said)] if said else []


def _unreliable(w: Writer, scales: list[Scale]) -> tuple[Sentence, ...]:
    """Scales whose items hardly went together at some wave: a change in them may be none."""
    names = {s.id for s in scales}
    group = w.m.study.groups.participants
    low = [
        r
        for r in w.m.reliability
        if r.scale in names
        and r.population == group
        and r.coefficient in ("alpha", "spearman_brown")
        and r.value is not None
        and r.value < DISATTENUATION_MINIMUM_RELIABILITY
    ]
    return tuple(
        w.t.sentence(
            "trust.unreliable",
            label=w.scale(r.scale),
            wave=w.wave(r.wave),
            method=w.method(r.coefficient),
            value=w.t.bare(r.value),
            n=r.n,
        )
        for r in low
    )


def _not_alike(w: Writer, scales: list[Scale]) -> tuple[Sentence, ...]:
    """Scales that did not measure the same at every wave by the strictest model that was looked at."""
    mine = [r for r in w.m.instrument.invariance if r.population == w.m.study.groups.participants]
    failed = [r for r in mine if r.model == "scalar" and r.holds is False and r.scale in {s.id for s in scales}]
    return tuple(
        w.t.sentence(
            f"trust.not_alike_{grade}", names=w.t.join([w.scale(r.scale) for r in rows]), n=min(r.n for r in rows)
        )
        for grade in ("screening", "evidence")
        if (rows := [r for r in failed if r.grade == grade])
    )


def _asked_at_all(w: Writer, scale: Scale) -> bool:
    return any(mean.scale == scale.id for mean in w.m.means) or any(w.m.study.asked(scale, wave) for wave in w.m.waves)


def _means(w: Writer, scale: Scale, method: str) -> list[WaveMean]:
    """The means of the participants by that method, in order of time."""
    group = w.m.study.groups.participants
    found = [x for x in w.m.means if (x.scale, x.population, x.method) == (scale.id, group, method)]
    found = [x for x in found if x.mean is not None and x.wave in w.m.waves]
    return sorted(found, key=lambda x: w.m.waves.index(x.wave))


def _events(w: Writer) -> list[tuple[str, float | None, date, Theirs]]:
    """Events up to the latest wave: letter, months since the first wave where its date is known, date, label."""
    start = w.m.study.waves[0].planned_date
    latest = w.m.study.wave(w.m.wave).planned_date
    found = sorted((e.date, e.label) for e in w.m.study.events if latest is None or e.date <= latest)
    return [
        (
            chr(ord("A") + i) if i < 26 else str(i + 1),
            (day - start).days / DAYS_A_MONTH if start else None,
            day,
            Theirs(label),
        )
        for i, (day, label) in enumerate(found)
    ]


def _event_sentences(w: Writer) -> list[Sentence]:
    return [
        w.t.sentence("trust.event", letter=letter, label=label, date=w.t.date(day))
        for letter, _, day, label in _events(w)
    ]


def _levels(w: Writer, scales: list[Scale]) -> Figure:
    once = len(w.m.waves) < 2
    panels = [_averages(w, scales)] if once else [p for s in scales if (p := _trajectory(w, s)) is not None]
    rows = []
    fits = any(_means(w, s, "mixed_model") for s in scales)
    for s in scales:
        finding = w.m.change(s)
        model = {x.wave: x for x in _means(w, s, "mixed_model")}
        for x in _means(w, s, "observed"):
            fitted = model.get(x.wave)
            cells: tuple[Text, ...] = (
                w.title(s),
                w.wave(x.wave),
                w.whole(x.n),
                *((_fitted(w, fitted, x),) if fits else ()),
                _average(w, x),
                w.t.say("number", number=w.t.number(x.sd)),
            )
            rows.append(Row(cells, finding.finding_id if finding and fitted else None))
    of_model = (f"model_mean_ci_{w.followed}#",) if fits else ()
    columns = w.columns("outcome", "wave", "n#", *of_model, "observed_mean_ci#", "sd#")
    table = Table("levels", w.t.say("trust.levels_table"), columns, tuple(rows))
    lined = w.allows(Part.PERSON_LINE)
    drawn = 0 if once or not lined else len({person for _, _, person, _ in w.m.lines})
    total = max((r.n_answered for r in w.m.flow if r.study_group == w.m.study.groups.participants), default=0)
    notes = [w.t.sentence("trust.once_note")] if once else _how_drawn(w, scales)
    if drawn and total > drawn and len(w.m.lines) and drawn >= 250:
        notes.append(w.t.sentence("trust.sampled", n=drawn, total=total))
    caption = w.t.say("trust.once_figure" if once else "trust.levels_figure" if lined else "trust.levels_figure_public")
    return Figure("trajectories", caption, tuple(panels), table, tuple(notes))


def _how_drawn(w: Writer, scales: list[Scale]) -> list[Sentence]:
    """What the lines are, and only of what is drawn."""
    left = any(modelled(f) for s in scales for f in _findings_of(w, s))
    notes = [w.t.sentence("trust.levels_note", whom=w.whom)]
    if any(months is not None for _, months, _, _ in _events(w)):
        notes.append(w.t.sentence("trust.levels_events"))
    if left:
        notes.append(w.t.sentence("trust.levels_left"))
    return notes


def _fitted(w: Writer, mean: WaveMean | None, observed: WaveMean) -> Text:
    """The model's average, with its number of people where it is of others than answered."""
    if mean is None or mean.n == observed.n:
        return _average(w, mean)
    return w.t.say("trust.model_of", estimate=_average(w, mean), n=mean.n)


def _average(w: Writer, mean: WaveMean | None) -> Text:
    return w.t.say("none") if mean is None else w.estimate(mean.mean, mean.ci_low, mean.ci_high)


def _averages(w: Writer, scales: list[Scale]) -> Panel:
    """One wave: the averages side by side."""
    t = w.t
    means = [(s, x) for s in scales for x in _means(w, s, "observed") if x.mean is not None]
    rows = [
        (
            str(w.title(s)),
            x.mean or 0.0,
            x.ci_low if x.ci_low is not None else x.mean or 0.0,
            x.ci_high if x.ci_high is not None else x.mean or 0.0,
            str(w.estimate(x.mean, x.ci_low, x.ci_high)),
        )
        for s, x in means
    ]
    spec = specs.dot_plot(rows, None, t.say("axis.level"), ends=(0, 100))
    spoken = [
        t.say("trust.dot_spoken", label=w.scale(s), change=w.estimate(x.mean, x.ci_low, x.ci_high)) for s, x in means
    ]
    return Panel(t.say("trust.once_figure"), t.say("trust.once_alternative", spoken=t.join(spoken)), chart=spec)


def _trajectory(w: Writer, scale: Scale) -> Panel | None:
    t = w.t
    month = {wave.id: wave.month for wave in w.m.study.waves}
    lined = w.allows(Part.PERSON_LINE)
    mine = [(wave, p, v) for s, wave, p, v in w.m.lines if s == scale.id] if lined else []
    means = _means(w, scale, "mixed_model") or _means(w, scale, "observed")
    if not means:
        return None
    told = _told_of_people(w, mine)
    events = [
        (months, letter, str(t.say("trust.event", letter=letter, label=label, date=t.date(day))))
        for letter, months, day, label in _events(w)
        if months is not None
    ]
    spec = specs.trajectories(
        [(p, month[wave], v, told[p]) for wave, p, v in mine],
        [(month[x.wave], x.mean or 0.0, x.ci_low, x.ci_high, t.number(x.mean, 0), _told_of_mean(w, x)) for x in means],
        events,
        [month[wave] for wave in w.m.waves],
        t.say("axis.months"),
        t.say("axis.points"),
    )
    spoken = t.join([t.say("trust.spoken", wave=w.wave(x.wave), mean=t.number(x.mean), n=x.n) for x in means])
    series = (("people", bool(mine)), ("means", bool(mine or events)), ("events", bool(events)))
    return Panel(
        w.title(scale),
        t.say("trust.alternative" if lined else "trust.alternative_public", label=w.scale(scale), spoken=spoken),
        tuple((name, t.say(f"explore.{name}")) for name, drawn in series if drawn),
        chart=spec,
    )


def _told_of_mean(w: Writer, x: WaveMean) -> str:
    told = w.t.say("explore.mean", wave=w.wave(x.wave), mean=w.estimate(x.mean, x.ci_low, x.ci_high), n=x.n)
    return str(told)


def _told_of_people(w: Writer, lines: list[tuple[str, str, float]]) -> dict[str, str]:
    """By person: who it is, and the scores over the waves."""
    scores: dict[str, list[str]] = {}
    for wave, person, score in sorted(lines, key=lambda line: w.m.waves.index(line[0])):
        scores.setdefault(person, []).append(f"{w.wave(wave)} {w.t.number(score)}")
    return {person: w.person(person, ", ".join(parts)) for person, parts in scores.items()}


def _change(w: Writer, scales: list[Scale]) -> list[Block]:
    m = w.m
    primary = [f for s in scales if (f := m.change(s)) is not None]
    blocks: list[Block] = [Heading("change", w.t.say("trust.change_heading"))]
    on_page_one = {f.finding_id for f in findings_on_page_one(w)}
    worded = [w.scale(f.outcome) for f in primary if f.finding_id in on_page_one]
    if worded:
        blocks.append(w.paragraph(w.t.sentence("trust.worded_on_page_one", names=w.t.join(worded))))
    blocks += [w.paragraph(*finding_sentences(w, f)) for f in primary if f.finding_id not in on_page_one]
    if primary:
        blocks.append(change_table(w, primary, "change-table", w.t.say("trust.change_table")))
    estimated = [f for f in primary if f.estimate is not None and f.ci_low is not None and f.ci_high is not None]
    if estimated:
        blocks.append(_dots(w, estimated))
    counted = [f for f in primary if f.n_fell_reliably is not None and f.n_rose_reliably is not None and f.n]
    if counted:
        blocks.append(_reliable(w, counted))
    rest = sorted((f for s in scales for f in _findings_of(w, s) if f not in primary), key=w.m.order)
    if rest:
        blocks.append(change_table(w, rest, "change-rest", w.t.say("trust.change_rest"), folded=True))
    blocks += [*_with_care(w, scales), *_blocked(w, scales)]
    return blocks


def _findings_of(w: Writer, scale: Scale) -> list[FindingRow]:
    return [f for f in w.m.findings if f.question == "change" and w.m.scale(f.outcome) == scale]


def change_table(w: Writer, findings: list[FindingRow], id_: str, caption: Text, folded: bool = False) -> Table:
    """One row a finding on change: levels, change with interval, verdict and certainty.

    What is the same in every row is said once: the waves stand in the caption, and p is left out where none is
    adjusted.
    """
    contrasts = {f.contrast for f in findings}
    one_contrast = len(contrasts) == 1
    adjusted = any(f.p_adjusted is not None for f in findings)
    keys = ["outcome", *([] if one_contrast else ["contrast"]), "both_of_started#", "from#", "to#", "change_ci#"]
    keys += [*(["p_adjusted#"] if adjusted else []), "verdict", "certainty"]
    if one_contrast:
        caption = w.t.say("trust.caption", caption=caption, contrast=w.contrast(contrasts.pop()))
    only_exploratory = len(findings) > 1 and all(f.exploratory for f in findings)
    rows = tuple(_change_row(w, f, one_contrast, adjusted, only_exploratory) for f in findings)
    return Table(id_, caption, w.columns(*keys), rows, tuple(_change_notes(w, findings, adjusted)), folded)


def _change_notes(w: Writer, findings: list[FindingRow], adjusted: bool) -> list[Sentence]:
    """How the table is to be read, as far as something in it calls for it."""
    notes = [w.t.sentence("trust.change_note" if adjusted else "trust.change_note_unadjusted", whom=w.whom)]
    if not all(subtracts(f.mean_from, f.mean_to, f.estimate) for f in findings):
        notes.append(w.t.sentence("note.before_rounding"))
    if len(findings) > 1 and all(f.exploratory for f in findings):
        notes.append(w.t.sentence("trust.all_exploratory"))
    if adjusted and any(f.p_adjusted is None and not f.declined for f in findings):
        notes.append(w.t.sentence("trust.not_adjusted"))
    if any(f.verdict == Verdict.TOO_SMALL for f in findings):
        notes.append(w.t.sentence("trust.by_ninety"))
    if any(f.waves and f.waves[1] != w.m.wave and f.method == MODEL for f in findings):
        notes.append(w.t.sentence("trust.earlier_waves"))
    return [*notes, *_standing_in(w, findings)]


def _standing_in(w: Writer, findings: list[FindingRow]) -> list[Sentence]:
    """Which method decides where the model does not, and of what."""
    found: dict[str, list[str]] = {}
    for f in findings:
        if f.method and f.method != MODEL and not f.declined:
            found.setdefault(f.method, []).append(w.outcome(f))
    return [
        w.t.sentence("trust.standing_in", method=w.method(method), names=w.t.join(list(dict.fromkeys(names))))
        for method, names in found.items()
    ]


def _change_row(w: Writer, f: FindingRow, one_contrast: bool, adjusted: bool, all_exploratory: bool) -> Row:
    t = w.t
    all_of_them = f.n is None or f.n_start is None or (w.only_linked and f.n == f.n_start)
    both = w.whole(f.n) if all_of_them else t.say("of_started", n=f.n, n_start=f.n_start)
    verdict = w.verdict(f.verdict) if not f.declined else t.say("verdict.declined")
    if f.exploratory and not all_exploratory:
        verdict = t.say("with_status", verdict=verdict, status=t.say("exploratory"))
    cells: list[Text] = [
        w.outcome_title(f),
        *([] if one_contrast else [w.contrast(f.contrast)]),
        both,
        t.say("number", number=t.number(f.mean_from) or t.say("none")),
        t.say("number", number=t.number(f.mean_to) or t.say("none")),
        w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True),
        *([t.say("number", number=t.p(f.p_adjusted) or t.say("none"))] if adjusted else []),
        verdict,
        w.certainty(f.certainty) if not f.declined else t.say("none"),
    ]
    return Row(tuple(cells), f.finding_id)


def _blocked(w: Writer, scales: list[Scale]) -> list[Block]:
    """Comparisons of these scales that the gate does not allow, each with its reason."""
    ids = {s.id for s in scales}
    sentences = [
        w.t.sentence(
            "trust.blocked",
            label=w.title(c.scale),
            start=w.wave(c.wave_from),
            end=w.wave(c.wave_to),
            reason=(c.reason or w.t.say("declined.unknown")).rstrip("."),
        )
        for c in w.m.comparability
        if c.scale in ids and not c.comparable and c.wave_from in w.m.waves and c.wave_to in w.m.waves
    ]
    return [Notice("note", w.t.say("trust.blocked_title"), tuple(sentences))] if sentences else []


def _dots(w: Writer, findings: list[FindingRow]) -> Figure:
    t = w.t
    rows = [
        (
            str(w.title(f.outcome)),
            f.estimate or 0.0,
            f.ci_low or 0.0,
            f.ci_high or 0.0,
            str(w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True)),
        )
        for f in findings
    ]
    spec = specs.dot_plot(rows, w.m.study.plan.equivalence_bound, t.say("axis.change"))
    spoken = t.join(
        [
            t.say(
                "trust.dot_spoken",
                label=w.scale(f.outcome),
                change=w.estimate(f.estimate, f.ci_low, f.ci_high, plus=True),
            )
            for f in findings
        ]
    )
    alternative = t.say("trust.dots_alternative", spoken=spoken, delta=w.delta)
    note = t.sentence("trust.dots_note", delta=w.delta)
    panel = Panel(t.say("trust.dots_panel"), alternative, chart=spec)
    return Figure("dots", t.say("trust.dots_figure"), (panel,), None, (note,), numbers_in="change-table")


def _reliable(w: Writer, findings: list[FindingRow]) -> Figure | Table | Paragraph:
    """The bars, or the table alone where this edition may not show every count, or a sentence where it shows none."""
    t = w.t
    counted = [(f, *moved(f, w.edition)) for f in findings]
    hidden = any(None in counts for _, *counts in counted)
    notes = [t.sentence("reliable.note")]
    if hidden:
        notes.append(t.sentence("few.cells", minimum=minimum_group(w.edition)))
    table = Table(
        "reliable-table",
        t.say("reliable.table"),
        w.columns("outcome", "both#", "fell_reliably#", "within_error#", "rose_reliably#", "fell_any#", "rose_any#"),
        tuple(
            Row(
                (w.title(f.outcome), w.whole(f.n), *(w.known(n) for n in counts)),
                f.finding_id,
            )
            for f, *counts in counted
        ),
        tuple(notes) if hidden else (),
    )
    if all(known is None for _, *counts in counted for known in counts):
        return w.paragraph(t.sentence("few.people"))
    if hidden:
        return table
    bars = [(f, a or 0, b or 0, c or 0) for f, a, b, c, _, _ in counted]
    names = (t.say("reliable.fell"), t.say("reliable.within"), t.say("reliable.rose"))
    spec = specs.reliable_bars(
        [(str(w.title(f.outcome)), a, b, c) for f, a, b, c in bars],
        (names[0], names[1], names[2]),
        t.say("axis.people"),
    )
    spoken = t.join(
        [
            t.say("reliable.spoken", label=w.scale(f.outcome), fell=a, within=b, rose=c, n=f.n or 0)
            for f, a, b, c in bars
        ]
    )
    panel = Panel(t.say("reliable.panel"), t.say("reliable.alternative", spoken=spoken), chart=spec)
    return Figure("reliable", t.say("reliable.figure"), (panel,), table, tuple(notes))
