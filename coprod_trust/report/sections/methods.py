"""How it was done: estimands, error rates, reliability, comparability, and every test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from coprod_trust.analysis.multiplicity import STANDING
from coprod_trust.privacy.disclosure import Part, may_show, minimum_group
from coprod_trust.report.edition import LEAVES_OUT
from coprod_trust.report.model import Block, Heading, Listing, Row, Section, Sentence, Table, Text, Theirs, Words
from coprod_trust.report.rows import EstimateRow, FindingRow, Reliability
from coprod_trust.report.sections.measurement import measurement_blocks
from coprod_trust.report.sentences import compared_group
from coprod_trust.report.writer import Writer

# Longer tables of the appendices are folded on a screen.
MOST_ROWS = 12
# A note that all findings by a method would repeat stands above them, where they are as many as this.
TOLD_ONCE = 3
# The columns of an estimate after its method, and whether it has something to put there.
_HELD: dict[str, Callable[[EstimateRow], bool]] = {
    "n#": lambda _: True,
    "estimate_ci#": lambda _: True,
    "se#": lambda e: e.std_error is not None,
    "statistic#": lambda e: e.statistic is not None,
    "p#": lambda e: e.p_value is not None,
    "effect_ci#": lambda e: e.effect_size is not None,
    "verdict": lambda e: bool(e.verdict),
}


def methods(w: Writer) -> Section:
    """Estimands and how they were estimated, families, reliability and the comparability gate."""
    t = w.t
    plan = w.m.study.plan
    points = (
        t.sentence("methods.points"),
        t.sentence("methods.verdict", delta=w.delta, alpha=t.bare(plan.alpha)),
        t.sentence("methods.interval"),
        t.sentence("methods.certainty"),
        t.sentence("methods.reliable"),
        t.sentence("methods.groups"),
    )
    blocks: list[Block] = [Listing(tuple(w.paragraph(p) for p in points))]
    if w.m.findings:
        blocks.append(_estimands(w))
    if any(f.p_adjusted is not None for f in w.m.findings) or plan.families:
        blocks.append(_families(w))
    if w.m.reliability:
        blocks.append(_reliability(w))
    blocks += measurement_blocks(w)
    if w.m.comparability:
        blocks += _comparability(w)
    if w.m.cross_checks:
        blocks.append(_cross_checks(w))
    return Section("methods", t.say("section.methods"), tuple(blocks))


def _estimands(w: Writer) -> Table:
    """What is estimated, once for all findings that estimate the same."""
    groups: dict[tuple[str, str, str, str], list[FindingRow]] = {}
    for f in w.m.findings:
        groups.setdefault((f.question, f.estimand, f.population, f.method), []).append(f)
    rows = []
    for (question, estimand, population, method), findings in groups.items():
        planned = sum(not f.exploratory for f in findings)
        rows.append(
            Row(
                (
                    kind_of(w, question),
                    w.t.say("plain", text=estimand),
                    w.group(population),
                    w.method(method),
                    w.whole(planned),
                    w.whole(len(findings) - planned),
                )
            )
        )
    columns = w.columns("question", "estimand", "population", "primary_method", "planned#", "exploratory#")
    return Table("estimands", w.t.say("methods.estimands"), columns, tuple(rows))


def question(w: Writer, f: FindingRow) -> Text:
    """What a finding asks, as the start of a line."""
    if f.question == "change":
        return w.t.say("question.change", label=w.outcome(f))
    if f.question == "selection":
        return w.t.say("question.selection", label=w.scale(f.outcome), group=w.group(compared_group(w, f)))
    if f.question != "other" and w.t.has(f"question.{f.question}"):
        other = compared_group(w, f)
        group: Text = w.group(other) if other else w.t.say("others")
        return w.t.say(f"question.{f.question}", x=w.scale(f.predictor or ""), y=w.scale(f.outcome), group=group)
    if f.predictor:
        return w.t.say("question.association", x=w.scale(f.predictor), y=w.scale(f.outcome))
    return w.t.say("question.other", question=f.question.replace("_", " "), label=w.outcome(f))


def kind_of(w: Writer, question: str) -> Text:
    """What kind of question it is, as a heading."""
    key = f"tests.{question}"
    return w.t.say(key) if w.t.has(key) else w.t.say("tests.other", question=question.replace("_", " "))


def _families(w: Writer) -> Table:
    rows = [
        Row(
            (
                Theirs(f.label or f.id),
                _members(w, f.members),
                w.t.say(f"adjust.{f.adjust}"),
                w.t.say("exploratory" if f.exploratory else "planned"),
            )
        )
        for f in w.m.study.plan.families
    ]
    planned = {f.id for f in w.m.study.plan.families}
    for family in STANDING:
        kinds = dict.fromkeys(f.question for f in w.m.findings if f.family == family.id and f.p_adjusted is not None)
        if kinds and family.id not in planned:
            rows.append(
                Row(
                    (
                        w.t.say(f"family.{family.id}"),
                        w.t.say("methods.all_of", kinds=w.t.join([kind_of(w, k) for k in kinds])),
                        w.t.say(f"adjust.{family.adjust}"),
                        w.t.say("exploratory"),
                    )
                )
            )
    return Table(
        "families", w.t.say("methods.families"), w.columns("family", "members", "adjustment", "status"), tuple(rows)
    )


def _members(w: Writer, members: Sequence[str]) -> Text:
    """The questions of a family, in words where they were asked."""
    named: list[Text] = []
    for member in members:
        found = next((f for f in w.m.findings if f.finding_id.startswith(f"{member}.")), None)
        named.append(Theirs(member) if found is None else question(w, found))
    return Words("; ".join(named), "; ".join(getattr(n, "own", "…") for n in named))


def _reliability(w: Writer) -> Table:
    """A row for each scale, wave and group that answered, in the order of the study."""
    t = w.t
    order, waves, mine = [s.id for s in w.m.study.scales], w.m.study.wave_ids, w.m.study.groups.participants
    groups: dict[tuple[str, str, str], list[Reliability]] = {}
    for r in sorted(
        w.m.reliability, key=lambda r: (order.index(r.scale), r.population != mine, r.population, waves.index(r.wave))
    ):
        if r.n:
            groups.setdefault((r.scale, r.population, r.wave), []).append(r)
    rows = []
    for (scale, population, wave), found in groups.items():
        omega = next((r for r in found if r.coefficient == "omega"), None)
        alpha = next(r for r in found if r is not omega)
        named = t.say("plain", text=_coefficient(w, alpha))
        if alpha.value is not None and alpha.coefficient != "alpha":
            named = t.say("methods.coefficient", value=named, name=w.method(alpha.coefficient))
        cells = (
            w.title(scale),
            w.wave(wave),
            w.group(population),
            named,
            _coefficient(w, omega) if omega else t.say("none"),
        )
        rows.append(Row((*cells, w.whole(alpha.n), w.whole(alpha.n_items))))
    columns = w.columns("outcome", "wave", "population", "alpha_ci#", "omega_ci#", "n#", "items#")
    # How many people there were differs from scale to scale; why is the same.
    declined = [r for found in groups.values() for r in found if r.value is None and r.declined]
    reasons = dict.fromkeys((r.declined or "").partition("; ")[0].rstrip(".") for r in declined)
    notes = tuple(t.sentence("tests.reason", reason=reason) for reason in reasons)
    return Table("reliability", t.say("methods.reliability"), columns, tuple(rows), notes, len(rows) > MOST_ROWS)


def _coefficient(w: Writer, r: Reliability) -> Words:
    if r.value is None:
        return w.t.say("declined.short") if r.declined else w.t.say("none")
    interval = w.t.interval(r.ci_low, r.ci_high, 2, bare=True)
    return w.t.say("number", number=w.t.bare(r.value) + (f" ({interval})" if interval else ""))


def _cross_checks(w: Writer) -> Table:
    """Our mixed model beside statsmodels', change by change."""
    t = w.t
    rows = []
    for c in w.m.cross_checks:
        first = t.say("methods.cross_check_row", label=w.title(c.scale), group=w.group(c.population))
        if c.declined:
            last: Text = t.say("declined.because", reason=c.declined.rstrip("."))
        else:
            last = t.say("yes" if c.agrees else "no")
        figures = (
            t.number(c.estimate, 2),
            t.number(c.estimate_difference, 4, plus=True),
            t.number(c.std_error, 3),
            t.number(c.std_error_ratio, 4),
            t.number(c.loglik_difference, 5, plus=True),
        )
        cells = (first, w.contrast(c.contrast), w.method(c.model), w.whole(c.n))
        rows.append(Row((*cells, *(t.say("number", number=x) for x in figures), last)))
    columns = w.columns(
        "outcome", "contrast", "method", "n#", "ours#", "apart#", "se#", "se_ratio#", "loglik#", "agrees"
    )
    note = t.sentence("methods.cross_check_note")
    return Table("cross_check", t.say("methods.cross_check"), columns, tuple(rows), (note,), len(rows) > MOST_ROWS)


def _comparability(w: Writer) -> list[Block]:
    """How many comparisons the gate allows, and those that it does not."""
    every = w.m.comparability
    blocked = [c for c in every if not c.comparable]
    said = w.paragraph(w.t.sentence("methods.comparable", n=len(every) - len(blocked), total=len(every)))
    if not blocked:
        return [said]
    rows = [
        Row((w.title(c.scale), w.contrast(f"{c.wave_from}-{c.wave_to}"), w.t.say("plain", text=c.reason or "")))
        for c in blocked
    ]
    columns = w.columns("outcome", "contrast", "why")
    return [said, Table("comparability", w.t.say("methods.comparability"), columns, tuple(rows))]


def every_test(w: Writer) -> Section:
    """All estimates of all findings, null ones included, a table a finding; what declined is there with its reason."""
    t = w.t
    title = t.say("section.tests")
    if not w.m.findings:
        return Section("tests", title, (w.paragraph(t.sentence("tests.none")),))
    hidden = any(e.method.startswith(LEAVES_OUT) and e.n is None for f in w.m.findings for e in f.estimates)
    few = t.sentence("tests.few_left_out", minimum=minimum_group(w.edition)) if hidden else None
    blocks: list[Block] = [w.paragraph(t.sentence("tests.intro"), few)]
    findings = sorted(w.m.findings, key=w.m.order)
    for kind in dict.fromkeys(f.question for f in findings):
        asked = [f for f in findings if f.question == kind]
        told = _Told.of(asked)
        blocks.append(Heading(f"tests-{kind}", kind_of(w, kind)))
        if told.once:
            blocks.append(Listing(tuple(w.paragraph(_method_note(w, *note)) for note in told.once)))
        held = tuple(key for key, has in _HELD.items() if any(has(e) for f in asked for e in f.estimates))
        blocks += [_finding(w, f, told, held) for f in asked]
    return Section("tests", title, tuple(blocks))


@dataclass(frozen=True)
class _Told:
    """What the notes on the methods of one kind of question say.

    ``once``: of every finding that the method was used for, so that it stands above their tables; ``often``: of
    several, so that it is a sentence of its own.
    """

    once: tuple[tuple[str, str, bool], ...]
    often: frozenset[tuple[str, str, bool]]

    @classmethod
    def of(cls, findings: Sequence[FindingRow]) -> Self:
        every = [e for f in findings for e in f.estimates]
        used = Counter((e.method, bool(e.declined)) for e in every)
        counted = Counter(note for e in every for note in _pieces(e))
        once = tuple(note for note, n in counted.items() if n == used[note[0], note[2]] >= TOLD_ONCE)
        return cls(once, frozenset(note for note, n in counted.items() if n >= TOLD_ONCE))

    def left(self, w: Writer, e: EstimateRow) -> list[Sentence]:
        """The notes on an estimate that do not stand above."""
        left = [note for note in _pieces(e) if note not in self.once]
        shared = [note for note in left if note in self.often]
        own = "; ".join(piece for _, piece, _ in left if (e.method, piece, bool(e.declined)) not in self.often)
        return [_method_note(w, *note) for note in [*shared, *([(e.method, own, bool(e.declined))] if own else [])]]


def _pieces(e: EstimateRow) -> list[tuple[str, str, bool]]:
    """What is said of an estimate, piece by piece: the method, the piece, and whether it says why it was not made."""
    said = (e.declined or e.note or "").rstrip(".")
    return [(e.method, piece, bool(e.declined)) for piece in ([said] if e.declined else said.split("; ")) if piece]


def _method_note(w: Writer, method: str, note: str, declined: bool) -> Sentence:
    key = "tests.method_declined_note" if declined else "tests.method_note"
    return w.t.sentence(key, method=w.capital(w.method(method)), note=note)


def _finding(w: Writer, f: FindingRow, told: _Told, held: tuple[str, ...]) -> Table:
    t = w.t
    caption = t.say(
        "tests.caption",
        question=w.at_start(question(w, f)),
        contrast=w.contrast(f.contrast),
        result=t.say("declined.short") if f.declined else w.estimate(f.estimate, f.ci_low, f.ci_high, 2),
        status=w.planned(f),
    )
    rows = tuple(Row(_test(w, e, held), e.finding_id) for e in f.estimates)
    notes = [sentence for e in f.estimates for sentence in told.left(w, e)]
    if f.p_adjusted is not None and f.family:
        notes.append(
            t.sentence("tests.adjusted", family=_family(w, f.family), p=t.p(f.p_adjusted), finding_id=f.finding_id)
        )
    if f.declined and not any(e.declined for e in f.estimates):
        notes.append(t.sentence("tests.reason", reason=f.declined.rstrip(".")))
    rest = _rest(w, f)
    if rest:
        notes.append(t.sentence("tests.note", note=w.capital(Words("; ".join(rest)))))
    notes += _evidence(w, f)
    columns = w.columns("method", *held)
    return Table(f"tests-{f.finding_id}", caption, columns, rows, tuple(notes), folded=True, finding_id=f.finding_id)


def _rest(w: Writer, f: FindingRow) -> list[str]:
    """What the note on a finding says that neither its primary estimate's note nor a row's verdict does."""
    primary = next((e.note for e in f.estimates if e.role == "primary" and e.note), "").rstrip(".").split("; ")
    verdicts = tuple(f": {w.verdict(e.verdict)}" for e in f.estimates if e.verdict)
    pieces = (f.note or "").rstrip(".").split("; ")
    return [p for p in pieces if p and p not in primary and not p.endswith(verdicts)]


def _family(w: Writer, id_: str) -> Text:
    """A family of the plan by its label; those that the program forms by their kind of question."""
    planned = next((Theirs(f"'{g.label}'") for g in w.m.study.plan.families if g.id == id_ and g.label), None)
    return planned or (w.t.say(f"family.{id_}") if w.t.has(f"family.{id_}") else Theirs(id_))


def _evidence(w: Writer, f: FindingRow) -> list[Sentence]:
    """What a finding rests on: its entry in the plan, its files, and how many people spoke for and against it."""
    t = w.t
    family = next((g for g in w.m.study.plan.families if g.id == f.family), None)
    if f.exploratory and not (family and family.exploratory):
        told = [t.sentence("rests_on.unplanned")]
    elif family is not None:
        told = [t.sentence("rests_on.family", family=Theirs(family.label or family.id))]
    else:
        told = [t.sentence("rests_on.planned")]
    waves = set(f.waves or ((f.contrast,) if f.contrast else ()))
    files = [s.name for s in w.m.sources if s.kind == "survey" and s.status == "imported" and s.wave in waves]
    if files and w.allows(Part.SOURCE_ROW):
        told.append(t.sentence("rests_on.files", files=t.join([Theirs(name) for name in dict.fromkeys(files)])))
    meta = next((m for m in w.m.meta if m.finding_id == f.finding_id), None)
    counts = (meta.n_confirms, meta.n_contrasts, meta.n_expands) if meta else ()
    if meta and any(counts) and all(may_show(n or 0, w.edition) for n in counts):
        confirms, contrasts, expands = (n or 0 for n in counts)
        told.append(t.sentence("rests_on.segments", confirms=confirms, contrasts=contrasts, expands=expands))
    return told


def _test(w: Writer, e: EstimateRow, held: tuple[str, ...]) -> tuple[Text, ...]:
    t = w.t
    if e.declined:
        first = t.say("tests.method_declined", method=_method(w, e), declined=t.say("declined.short"))
        return (first, *(w.whole(e.n) if key == "n#" else t.say("none") for key in held))
    statistic = ""
    if e.statistic is not None:
        df = f"({t.number(e.df, 0 if e.df == int(e.df) else 1)})" if e.df is not None else ""
        statistic = f"{e.statistic_name or ''}{df} = {t.number(e.statistic, 2)}".strip(" =")
    effect = w.estimate(e.effect_size, e.effect_ci_low, e.effect_ci_high, 2)
    if e.effect_size is not None and e.effect_name:
        effect = t.say("effect", name=w.method(e.effect_name), value=effect)
    cells: dict[str, Text] = {
        "n#": w.whole(e.n),
        "estimate_ci#": _estimate(w, e),
        "se#": t.say("number", number=t.number(e.std_error, 2)),
        "statistic#": t.say("number", number=statistic),
        "p#": t.say("number", number=t.p(e.p_value)),
        "effect_ci#": effect,
        "verdict": w.verdict(e.verdict),
    }
    return (_method(w, e), *(cells[key] for key in held))


def _method(w: Writer, e: EstimateRow) -> Words:
    return w.t.say("tests.method_role", method=w.capital(w.method(e.method)), role=w.t.say(f"role.{e.role}"))


def _estimate(w: Writer, e: EstimateRow) -> Words:
    """The estimate with its interval; an interval that is not a 95 % one says so."""
    if e.estimate is None and e.ci_low is not None:
        return w.t.say("number", number=w.t.interval(e.ci_low, e.ci_high, 2))
    if e.ci_level is None or e.ci_level == 0.95 or e.ci_low is None:
        return w.estimate(e.estimate, e.ci_low, e.ci_high, 2)
    level = w.t.number(100 * e.ci_level, 0)
    interval = w.t.interval(e.ci_low, e.ci_high, 2)
    return w.t.say("tests.other_level", estimate=w.t.number(e.estimate, 2), level=level, interval=interval)
