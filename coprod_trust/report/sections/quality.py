"""Data quality: what came in, what was kept, what was wrong and where; never the value found."""

from __future__ import annotations

from coprod_trust.privacy.disclosure import Edition, Part, may_show, minimum_group, suppress
from coprod_trust.report.model import Block, Heading, Row, Section, Sentence, Table, Text, Theirs
from coprod_trust.report.rows import Source
from coprod_trust.report.sections.methods import MOST_ROWS
from coprod_trust.report.writer import Writer


def quality(w: Writer) -> Section:
    """The invariant of each file, problems by rule, their places, blocked scales, and the severities the study set."""
    t = w.t
    lined = w.allows(Part.SOURCE_ROW)
    blocks: list[Block] = [w.paragraph(t.sentence("quality.intro" if lined else "quality.intro_public"))]
    surveys = [s for s in w.m.sources if s.kind == "survey"]
    if surveys:
        blocks.append(_files(w, surveys) if lined else _waves(w, surveys))
    if w.m.problems and not lined:
        shown = any(may_show(p.n, w.edition) for p in w.m.problems)
        blocks.append(_problems(w) if shown else w.paragraph(_few_problems(w)))
    elif w.m.problems:
        blocks += [_problems(w), Heading("places", t.say("quality.places_heading")), _places(w)]
    else:
        blocks.append(w.paragraph(t.sentence("quality.no_problems")))
    if w.m.blocked:
        blocks.append(_blocked(w))
    blocks.append(_severities(w) if w.m.study.rules else w.paragraph(t.sentence("quality.default_severities")))
    return Section("quality", t.say("section.quality"), tuple(blocks))


def _files(w: Writer, sources: list[Source]) -> Table:
    rows = []
    for s in sources:
        parts = (s.accepted, s.quarantined, s.duplicates, s.blank, s.withdrawn)
        rows.append(
            Row(
                (
                    Theirs(s.name)
                    if s.status == "imported"
                    else w.t.say("quality.file", name=Theirs(s.name), status=w.t.say(f"source.{s.status}")),
                    w.wave(s.wave) if s.wave else w.t.say("none"),
                    w.whole(s.rows_in),
                    *(w.whole(n) for n in parts),
                    w.t.say("yes" if sum(parts) == s.rows_in else "no"),
                )
            )
        )
    columns = w.columns(
        "file",
        "wave",
        "rows#",
        "accepted#",
        "quarantined#",
        "duplicates#",
        "blank#",
        "withdrawn#",
        "adds_up",
    )
    return Table("invariants", w.t.say("quality.files"), columns, tuple(rows), (w.t.sentence("quality.files_note"),))


def _waves(w: Writer, sources: list[Source]) -> Table:
    """The same by wave, for an edition that names no file."""
    rows = []
    for wave in dict.fromkeys(s.wave for s in sources):
        mine = [s for s in sources if s.wave == wave]
        parts = [
            sum(n)
            for n in zip(*((s.accepted, s.quarantined, s.duplicates, s.blank, s.withdrawn) for s in mine), strict=True)
        ]
        total = sum(s.rows_in for s in mine)
        rows.append(
            Row(
                (
                    w.wave_title(wave) if wave else w.t.say("none"),
                    w.whole(total),
                    *(w.known(n) for n in suppress(dict(enumerate(parts)), w.edition).values()),
                    w.t.say("yes" if sum(parts) == total else "no"),
                )
            )
        )
    columns = w.columns("wave", "rows#", "accepted#", "quarantined#", "duplicates#", "blank#", "withdrawn#", "adds_up")
    note = w.t.sentence("few.cells", minimum=minimum_group(w.edition))
    return Table("invariants", w.t.say("quality.waves"), columns, tuple(rows), (note,))


def _rule(w: Writer, rule: str) -> Text:
    """The title of a rule, and its id."""
    from coprod_trust.report.rules import rule_title

    title = w.t.titles.get(rule) or rule_title(rule)
    return Theirs(f"{title} ({rule})" if title else rule)


def _problems(w: Writer) -> Table:
    """Problems by rule; an edition for others names the rules that concern enough rows."""
    inside = w.edition is Edition.INTERNAL
    shown = [p for p in w.m.problems if inside or may_show(p.n, w.edition)]
    few = len(w.m.problems) - len(shown)
    rows = [
        Row(
            (
                _rule(w, p.rule),
                w.t.say(f"severity.{p.severity}"),
                w.whole(p.n),
                *((w.whole(p.n_open),) if inside else ()),
                w.whole(p.n_files),
            )
        )
        for p in shown
    ]
    columns = w.columns("rule", "severity", "found#", *(("open#",) if inside else ()), "files#")
    notes = (w.t.sentence("quality.more_few", minimum=minimum_group(w.edition), count=few),) if few else ()
    return Table("problems", w.t.say("quality.problems"), columns, tuple(rows), notes)


def _few_problems(w: Writer) -> Sentence:
    return w.t.sentence("quality.problems_few", minimum=minimum_group(w.edition), count=len(w.m.problems))


def _places(w: Writer) -> Table:
    rows = []
    for p in w.m.places:
        rows.append(
            Row(
                (
                    _rule(w, p.rule),
                    Theirs(p.name) if p.name else w.t.say("none"),
                    w.whole(p.row_number) if p.row_number is not None else w.t.say("none"),
                    Theirs(p.column_name or p.scale or "–"),
                    Theirs(p.message),
                    w.t.say(f"status.{p.status}"),
                    Theirs(p.problem_id),
                )
            )
        )
    columns = w.columns("rule", "file", "row#", "column", "what", "problem_status", "problem_id")
    notes = []
    counted: dict[str, int] = {}
    for count in w.m.problems:
        counted[count.rule] = counted.get(count.rule, 0) + count.n
    for rule, n in counted.items():
        shown = sum(p.rule == rule for p in w.m.places)
        if shown < n:
            notes.append(w.t.sentence("quality.more_places", rule=Theirs(rule), shown=shown, n=n))
    return Table("places-table", w.t.say("quality.places"), columns, tuple(rows), tuple(notes), len(rows) > MOST_ROWS)


def _blocked(w: Writer) -> Table:
    rows = [Row((w.title(b.scale), w.wave(b.wave), Theirs(b.reason), _rule(w, b.rule))) for b in w.m.blocked]
    return Table("blocked", w.t.say("quality.blocked"), w.columns("outcome", "wave", "why", "rule"), tuple(rows))


def _severities(w: Writer) -> Table:
    from coprod_trust.report.rules import default_severity

    rows = []
    for rule, severity in w.m.study.rules.items():
        default = default_severity(rule)
        rows.append(
            Row(
                (
                    _rule(w, rule),
                    w.t.say(f"severity.{default}") if default else w.t.say("none"),
                    w.t.say(f"severity.{severity}"),
                )
            )
        )
    columns = w.columns("rule", "severity_default", "severity_set")
    return Table("severities", w.t.say("quality.severities"), columns, tuple(rows))
