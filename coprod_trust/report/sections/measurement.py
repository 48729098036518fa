"""The instrument itself: items, ends of the scales, starting level, teams, and whether it measured alike each time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Protocol, TypeVar

from coprod_trust.privacy.disclosure import may_show, suppress
from coprod_trust.report.model import Block, Row, Sentence, Table, Text, Theirs
from coprod_trust.report.rows import Invariance, ScaleEnd
from coprod_trust.report.writer import Writer


class _Placed(Protocol):
    @property
    def scale(self) -> str: ...
    @property
    def population(self) -> str: ...
    @property
    def n(self) -> int: ...


class _Compared(_Placed, Protocol):
    @property
    def wave_from(self) -> str: ...
    @property
    def wave_to(self) -> str: ...


Placed = TypeVar("Placed", bound=_Placed)
Compared = TypeVar("Compared", bound=_Compared)


def measurement_blocks(w: Writer) -> list[Block]:
    """A table each; the participants' rows, and of changes those of the contrast that carries the report."""
    tables = (_items(w), _ends(w), _levels(w), _teams(w))
    return [*(t for t in tables if t is not None), *_invariance(w)]


def _own(w: Writer, rows: Iterable[Placed]) -> list[Placed]:
    """The participants' rows that rest on enough people for the edition, in the order of the study."""
    order = {s.id: i for i, s in enumerate(w.m.study.scales)}
    group = w.m.study.groups.participants
    kept = [r for r in rows if r.population == group and may_show(r.n, w.edition) and r.scale in order]
    return sorted(kept, key=lambda r: order[r.scale])


def _carrying(w: Writer, rows: Iterable[Compared]) -> list[Compared]:
    """Those of each scale's first to its latest wave."""
    contrasts = {s.id: w.m.contrast(s) for s in w.m.study.scales}
    kept = []
    for r in _own(w, rows):
        contrast = contrasts[r.scale]
        if contrast is not None and (r.wave_from, r.wave_to) == (contrast.wave_from, contrast.wave_to):
            kept.append(r)
    return kept


def _items(w: Writer) -> Table | None:
    t = w.t
    order = {s.id: k for k, s in enumerate(w.m.study.scales)}
    place = {i.id: k for s in w.m.study.scales for k, i in enumerate(s.items)}
    found = sorted(_carrying(w, w.m.instrument.items), key=lambda r: (order[r.scale], place[r.item]))
    rows = tuple(
        Row(
            (
                t.say("measurement.item", label=w.title(r.scale), item=_wording(w, r.scale, r.item)),
                w.contrast(f"{r.wave_from}-{r.wave_to}"),
                w.whole(r.n),
                w.estimate(r.change, r.ci_low, r.ci_high, plus=True),
                t.say("number", number=t.p(r.p_adjusted) or t.say("none")),
                w.estimate(r.from_others, r.from_others_ci_low, r.from_others_ci_high, plus=True),
                t.say("number", number=t.p(r.from_others_p_adjusted) or t.say("none")),
            )
        )
        for r in found
    )
    if not rows:
        return None
    columns = w.columns("item", "contrast", "n#", "change_ci#", "p_adjusted#", "from_others#", "p_others#")
    note = t.sentence("measurement.items_note")
    return Table("item-change", t.say("measurement.items"), columns, rows, (note,), folded=True)


def _wording(w: Writer, scale: str, item: str) -> Theirs:
    worded = next((i.wording for i in w.m.study.scale(scale).items if i.id == item), "")
    return Theirs(worded or item)


def _ends(w: Writer) -> Table | None:
    """People at the ends, but for counts that are too small for the edition."""
    t = w.t

    def at(r: ScaleEnd, end: str) -> Text:
        parts = {"lowest": r.n_lowest, "highest": r.n_highest, "between": r.n - r.n_lowest - r.n_highest}
        shown = suppress(parts, w.edition)[end]
        return t.say("not_shown") if shown is None else t.say("share.count", k=shown, n=r.n)

    rows = tuple(
        Row(
            (
                w.title(r.scale),
                w.wave(r.wave),
                w.whole(r.n),
                at(r, "lowest"),
                at(r, "highest"),
                t.say("yes" if r.flagged else "no"),
            )
        )
        for r in _own(w, w.m.instrument.ends)
    )
    if not rows:
        return None
    columns = w.columns("outcome", "wave", "n#", "lowest#", "highest#", "many_at_end")
    notes = (t.sentence("measurement.ends_note"), w.small_groups())
    return Table("scale-ends", t.say("measurement.ends"), columns, rows, notes, folded=True)


def _levels(w: Writer) -> Table | None:
    t = w.t
    by_scale: dict[str, dict[str, Text]] = {}
    first: dict[str, Text] = {}
    for r in _carrying(w, w.m.instrument.levels):
        figure = w.correlation if r.method == "oldham" else partial(w.estimate, digits=2)
        shown = t.say("declined.short") if r.declined else figure(r.estimate, r.ci_low, r.ci_high)
        by_scale.setdefault(r.scale, {})[r.method] = shown
        first.setdefault(r.scale, w.whole(r.n))
    rows = tuple(
        Row((w.title(s), first[s], by.get("oldham", t.say("none")), by.get("blomqvist", t.say("none"))))
        for s, by in by_scale.items()
    )
    if not rows:
        return None
    columns = w.columns("outcome", "n#", "oldham#", "blomqvist#")
    note = t.sentence("measurement.levels_note")
    return Table("starting-level", t.say("measurement.levels"), columns, rows, (note,), folded=True)


def _teams(w: Writer) -> Table | None:
    t = w.t
    rows = tuple(
        Row(
            (
                w.title(r.scale),
                w.contrast(f"{r.wave_from}-{r.wave_to}"),
                w.whole(r.n),
                w.whole(r.n_teams),
                w.correlation(r.icc, r.ci_low, r.ci_high),
                t.say("number", number=t.number(r.design_effect, 2)),
            )
        )
        for r in _carrying(w, w.m.instrument.teams)
        if r.icc is not None
    )
    if not rows:
        return None
    columns = w.columns("outcome", "contrast", "n#", "teams#", "icc#", "design_effect#")
    return Table(
        "team-likeness", t.say("measurement.teams"), columns, rows, (t.sentence("measurement.teams_note"),), folded=True
    )


def _invariance(w: Writer) -> list[Block]:
    """The models that could be fitted, and in a sentence why others could not."""
    t = w.t
    found = _own(w, w.m.instrument.invariance)
    if not found:
        return []
    fitted = [r for r in found if not r.declined]
    # How many people there were differs from scale to scale; why is the same.
    reasons = dict.fromkeys(r.declined.partition("; ")[0].rstrip(".") for r in found if r.declined)
    declined = tuple(t.sentence("measurement.invariance_declined", reason=reason) for reason in reasons)
    if not fitted:
        return [w.paragraph(t.sentence("measurement.invariance_none"), *declined)]
    rows = tuple(
        Row(
            (
                w.title(r.scale),
                Theirs(", ".join(str(w.wave(x)) for x in r.waves.split())),
                t.say(f"invariance.{r.model}"),
                w.whole(r.n),
                t.say("number", number=f"{t.number(r.chi2)} ({r.df})"),
                t.say("number", number=t.bare(r.cfi, 3)),
                t.say("number", number=t.bare(r.rmsea, 3)),
                t.say("number", number=t.bare(r.delta_cfi, 3) or t.say("none")),
                t.say("none") if r.holds is None else t.say("yes" if r.holds else "no"),
                t.say(f"invariance.{r.grade}"),
            )
        )
        for r in fitted
    )
    columns = w.columns("outcome", "waves", "model", "n#", "chi2#", "cfi#", "rmsea#", "delta_cfi#", "holds", "grade")
    notes = (t.sentence("measurement.invariance_note"), *_few_steps(w, fitted), *declined)
    return [Table("invariance-models", t.say("measurement.invariance"), columns, rows, notes, folded=True)]


def _few_steps(w: Writer, fitted: list[Invariance]) -> tuple[Sentence, ...]:
    names = dict.fromkeys(w.scale(r.scale) for r in fitted if r.few_steps)
    return (w.t.sentence("measurement.few_steps", names=w.t.join(list(names))),) if names else ()
