"""How far two groups lie apart at the start: love plots and their tables, and what a model makes of taking part."""

from __future__ import annotations

from collections.abc import Sequence

from coprod_trust.privacy.disclosure import may_show, suppress
from coprod_trust.report import groups
from coprod_trust.report.charts.love import love_plot, reach
from coprod_trust.report.model import Block, Column, Figure, Heading, Panel, Row, Table, Text, Theirs, Words
from coprod_trust.report.read import DEFAULT_POPULATION
from coprod_trust.report.rows import BalanceRow, FindingRow
from coprod_trust.report.sentences import compared_group, finding_sentences
from coprod_trust.report.writer import Writer

FARTHEST = 3
# A longer drawing stands in two, side by side.
MOST_IN_PANEL = 6
# A difference of this many standard deviations is worth a look (Imbens & Rubin 2015, chapter 14).
WORTH_A_LOOK = 0.25


def retention_blocks(w: Writer) -> list[Block]:
    """Participants who were in the latest wave beside those who were not, on what was known at the start."""
    t = w.t
    if len(w.m.waves) < 2:
        return []
    contrast = f"{w.m.waves[0]}-{w.m.waves[-1]}"
    rows = _rows(w, "retention", contrast, DEFAULT_POPULATION, "left")
    if not rows:
        return []
    drawn = [r for r in rows if r.weighting == "none" and r.smd is not None]
    if not drawn:
        reason = next((r.declined for r in rows if r.declined), None) or t.say("declined.unknown")
        return [w.paragraph(t.sentence("retention.few", reason=reason.rstrip(".")))]
    far = sorted(drawn, key=lambda r: -abs(r.smd or 0.0))[:FARTHEST]
    spoken = [t.say("retention.spoken", label=w.scale(r.name), smd=t.number(r.smd, 2, plus=True)) for r in far]
    said = t.sentence("retention.farthest", total=len(drawn), names=t.join(spoken))
    return [w.paragraph(t.sentence("retention.intro"), said), _figure(w, "retention", rows, w.contrast(contrast), None)]


def selection_blocks(w: Writer, group: str) -> list[Block]:
    """Participants beside one other group: everything known, a model of taking part, and how far they overlap."""
    t = w.t
    blocks: list[Block] = []
    rows = _rows(w, "selection", w.m.waves[0], DEFAULT_POPULATION, group) if w.m.waves else []
    if any(r.smd is not None for r in rows):
        blocks.append(_figure(w, "propensity", rows, None, group))
    modelled = [f for f in w.m.findings if f.question == "propensity" and compared_group(w, f) == group]
    overlap = [f for f in w.m.findings if f.question == "overlap" and compared_group(w, f) == group]
    if not modelled:
        return blocks
    blocks.append(Heading(f"propensity{_suffix(w, group)}", t.say("propensity.heading")))
    told = [f for f in modelled if not f.declined]
    sentences = [
        s for f in (*modelled, *(o for o in overlap if told and not o.declined)) for s in finding_sentences(w, f)
    ]
    blocks.append(w.paragraph(*sentences))
    if told:
        table_rows = tuple(Row((*_odds_cells(w, f), w.planned(f)), f.finding_id) for f in told)
        columns = w.columns("predictor", "n#", "odds_ratio_ci#", "p#", "p_adjusted#", "status")
        note = t.sentence("propensity.note")
        caption = t.say("propensity.table", group=w.group(group))
        blocks.append(Table(f"propensity-table{_suffix(w, group)}", caption, columns, table_rows, (note,)))
    return blocks


def _odds_cells(w: Writer, f: FindingRow) -> tuple[Text, ...]:
    value, interval = groups.odds_ratio(w, f.effect_size, f.effect_ci_low, f.effect_ci_high)
    return (
        w.title(f.predictor or ""),
        w.whole(f.n),
        Words(f"{value} ({interval})" if interval else value),
        w.t.say("number", number=w.t.p(f.p_value)),
        w.t.say("number", number=w.t.p(f.p_adjusted) or w.t.say("none")),
    )


def reason_blocks(w: Writer) -> list[Block]:
    """Why people took part, or did not: counts by group, small ones not shown."""
    t = w.t
    given = [r for r in w.m.entry_reasons if r.reason]
    if not given:
        return []
    ids = [g.id for g in w.m.study.groups.values if any(r.study_group == g.id for r in given)]
    reasons = list(
        dict.fromkeys(r.reason for r in sorted(given, key=lambda r: (ids.index(r.study_group), -r.n, r.reason)))
    )
    counts = {g: suppress({r.reason: r.n for r in w.m.entry_reasons if r.study_group == g}, w.edition) for g in ids}
    rows = [
        Row((Theirs(reason), *(w.known(counts[g].get(reason, 0)) for g in ids)))
        for reason in reasons
        # What nobody may be shown of is not named either: the reason itself could point at a person.
        if any(counts[g].get(reason) for g in ids)
    ]
    if not rows:
        return []
    hidden = sum(not any(counts[g].get(reason) for g in ids) for reason in reasons)
    if hidden:
        rows.append(Row((t.say("reason.small", count=hidden), *[t.say("not_shown")] * len(ids))))
    columns = (Column(t.say("column.reason")), *(Column(w.group_title(g), True) for g in ids))
    table = Table("entry-reasons", t.say("left_out.table"), columns, tuple(rows), (w.small_groups(),))
    return [Heading("left-out", t.say("left_out.heading")), w.paragraph(t.sentence("left_out.intro")), table]


def _rows(w: Writer, comparison: str, contrast: str, population: str, reference: str) -> list[BalanceRow]:
    """The rows of one comparison that the edition may show, scales first, in the order of the study."""
    wanted = (comparison, contrast, population, reference)
    found = [r for r in w.m.balance if (r.comparison, r.contrast, r.population, r.reference) == wanted]
    order = [s.id for s in w.m.study.scales] + [c.id for c in w.m.study.covariates]
    found.sort(key=lambda r: (order.index(r.variable), r.level or "", r.weighting))
    shown = {r.name for r in found if r.weighting == "none" and _may_show(w, r)}
    return [r for r in found if r.name in shown]


def _may_show(w: Writer, r: BalanceRow) -> bool:
    """Whether both groups, and of a level those who have it and those who do not, are large enough."""
    if r.declined:
        return True
    counts = [round(r.n), round(r.n_reference)]
    if r.level is not None and r.mean is not None and r.mean_reference is not None:
        with_level = [round(r.mean * r.n), round(r.mean_reference * r.n_reference)]
        counts += [*with_level, *(n - k for n, k in zip(counts, with_level, strict=True))]
    return all(may_show(n, w.edition) for n in counts)


def _figure(w: Writer, key: str, rows: list[BalanceRow], contrast: Words | None, group: str | None) -> Figure:
    """The love plot of a comparison with its table; ``key`` is that of its words in the catalogue."""
    t = w.t
    name = w.group(group) if group else Words("")
    plain = {r.name: r for r in rows if r.weighting == "none" and r.smd is not None}
    weighted = {r.name: r.smd for r in rows if r.weighting != "none" and r.name in plain}
    drawn = [
        (str(w.title(n)), r.smd or 0.0, r.ci_low, r.ci_high, weighted.get(n), _told(w, r, weighted.get(n)))
        for n, r in plain.items()
    ]
    series = tuple((k, t.say(f"explore.{k}")) for k in ("before", "after")) if weighted else ()
    half = len(drawn) if len(drawn) <= MOST_IN_PANEL else (len(drawn) + 1) // 2
    parts = [slice(i, i + half) for i in range(0, max(len(drawn), 1), max(half, 1))]
    named = t.say(f"{key}.panel", group=name)
    panels = tuple(
        Panel(
            t.say("retention.part", panel=named, i=i, n=len(parts)) if len(parts) > 1 else named,
            _spoken(w, key, list(plain.items())[part], name),
            series,
            chart=love_plot(drawn[part], t.say("axis.smd"), reach(drawn)),
        )
        for i, part in enumerate(parts, 1)
    )
    notes = [t.sentence(f"{key}.drawing"), *([t.sentence(f"{key}.weights", group=name)] if weighted else [])]
    suffix = _suffix(w, group) if group else ""
    caption = t.say(f"{key}.figure", group=name, contrast=contrast or Words(""))
    return Figure(f"{key}-balance{suffix}", caption, panels, _table(w, key, rows, group, suffix), tuple(notes))


def _spoken(w: Writer, key: str, rows: Sequence[tuple[str, BalanceRow]], group: Text) -> Words:
    """A drawing in words: on what the groups lie apart."""
    spoken = [
        w.t.say(f"{key}.spoken", label=w.scale(n), smd=w.t.number(r.smd, 2, plus=True))
        for n, r in rows
        if abs(r.smd or 0.0) >= WORTH_A_LOOK
    ]
    return w.t.say(f"{key}.alternative", group=group, spoken=w.t.join(spoken) if spoken else w.t.say("retention.near"))


def _told(w: Writer, r: BalanceRow, weighted: float | None) -> str:
    smd = w.estimate(r.smd, r.ci_low, r.ci_high, 2, plus=True)
    told = w.t.say("trust.dot_spoken", label=w.title(r.name), change=smd)
    if weighted is None:
        return str(told)
    return str(w.t.say("explore.weighted", told=told, smd=w.t.number(weighted, 2, plus=True)))


def _table(w: Writer, key: str, rows: list[BalanceRow], group: str | None, suffix: str) -> Table:
    """Both groups' averages, or shares, how far they lie apart, and how far once weighted where that was done."""
    t = w.t
    weighted = {r.name: r for r in rows if r.weighting != "none"}
    cells = []
    for r in (r for r in rows if r.weighting == "none"):
        after = weighted.get(r.name)
        digits = 2 if r.level is not None else 1
        cells.append(
            Row(
                (
                    w.title(r.name),
                    Words(t.number(r.mean, digits) or t.say("none")),
                    Words(t.number(r.mean_reference, digits) or t.say("none")),
                    t.say("declined.short") if r.smd is None else w.estimate(r.smd, r.ci_low, r.ci_high, 2, plus=True),
                    *((Words(t.number(after.smd, 2, plus=True) if after else t.say("none")),) if weighted else ()),
                    Words(t.number(r.variance_ratio, 2) or t.say("none")),
                )
            )
        )
    if group is None:
        both = w.columns("mean_stayed#", "mean_left#")
    else:
        both = tuple(Column(w.group_title(g), True) for g in (w.m.study.groups.participants, group))
    last = w.columns("smd_ci#", *(["weighted_smd#"] if weighted else []), "variance_ratio#")
    columns = (*w.columns("characteristic"), *both, *last)
    caption = t.say("retention.table") if group is None else t.say("propensity.balance", group=w.group(group))
    notes = [t.sentence("retention.unit")]
    notes += [t.sentence("propensity.beside_g")] if group is not None else []
    notes += [t.sentence("retention.shares")] if any(r.level is not None for r in rows) else []
    if any(c.kind in ("category", "gender", "team") for c in w.m.study.covariates):
        notes.append(t.sentence("retention.small"))
    return Table(f"{key}-balance-table{suffix}", caption, columns, tuple(cells), tuple(notes))


def _suffix(w: Writer, group: str) -> str:
    return "" if len(w.m.study.groups.values) <= 2 else f"-{group}"
