"""What of the material an edition may be made of: what is taken out here can get into no section and no rendering."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any, TypeVar

from coprod_trust.privacy.disclosure import Edition, Part, allows, may_show, minimum_group, suppress
from coprod_trust.report.language import Language
from coprod_trust.report.read import Material
from coprod_trust.report.rows import EstimateRow, FindingRow, TrajectoryRow

# A whole number that may count people: no sign, no decimals, no part of a name.
_COUNT = re.compile(r"(?<![-+−.,\w])(\d+)(?![.,]?\d)(?!\w)")
# Begins the name of a method that is another one, without some of its people.
LEAVES_OUT = "without_"
Row = TypeVar("Row", FindingRow, EstimateRow)
_KEPT = frozenset({"finding_id", "design", "family", "outcome", "predictor", "contrast", "population", "estimand"})
_KEPT_TOO = frozenset({"method", "exploratory", "estimate_id", "role", "code", "estimates"})


def for_edition(material: Material, edition: Edition, words: Language) -> Material:
    """``material`` without what that edition may not hold: single people's lines, rows, file names, and whatever rests
    on fewer people than it shows."""
    if edition is Edition.INTERNAL:
        return material
    few = words.say("few.declined", minimum=minimum_group(edition))
    lines = allows(edition, Part.PERSON_LINE)
    rows = allows(edition, Part.SOURCE_ROW)
    return replace(
        material,
        findings=tuple(_finding(f, edition, few) for f in material.findings),
        means=tuple(m for m in material.means if may_show(m.n, edition)),
        reliability=tuple(r for r in material.reliability if may_show(r.n, edition)),
        cross_checks=tuple(c for c in material.cross_checks if may_show(c.n, edition)),
        lines=material.lines if lines else (),
        pairs=material.pairs if lines else {},
        places=material.places if rows else (),
        sources=material.sources if rows else tuple(replace(s, name="", source_id="") for s in material.sources),
        record=replace(
            material.record,
            deviations=tuple(replace(d, done=noted(d.done, edition) or "–") for d in material.record.deviations),
        ),
        trajectories=tuple(_trajectory(t, edition, few) for t in material.trajectories),
        quotes={edition: material.quotes.get(edition, ())},
        voices=material.voices.in_edition(edition),
    )


def moved(f: FindingRow, edition: Edition) -> tuple[int | None, int | None, int | None, int | None, int | None]:
    """How many fell beyond error, stayed within it and rose beyond it, and how many fell and rose at all: None where
    the count is not known or is of too few people for the edition. Within a report for the team every count stands."""
    fell, rose, n = f.n_fell_reliably, f.n_rose_reliably, f.n or 0
    beyond = {} if fell is None or rose is None else {"fell": fell, "within": n - fell - rose, "rose": rose}
    any_ = {} if f.n_fell is None or f.n_rose is None else {"fell": f.n_fell, "rose": f.n_rose}
    if edition is not Edition.INTERNAL:
        hidden_beyond = suppress(beyond, edition)
        hidden_any = suppress({**any_, "same": n - sum(any_.values())}, edition) if any_ else {}
        # Both partitions are of the same people: where one is not whole, the other is not shown either.
        whole = None not in (*hidden_beyond.values(), *hidden_any.values())
        beyond, any_ = (beyond, any_) if whole else ({}, {})
    return beyond.get("fell"), beyond.get("within"), beyond.get("rose"), any_.get("fell"), any_.get("rose")


def noted(note: str | None, edition: Edition) -> str | None:
    """A note without the pieces that count fewer people than the edition shows."""
    if not note or edition is Edition.INTERNAL:
        return note
    ending = "." if note.endswith(".") else ""
    kept = [p for p in note.removesuffix(".").split("; ") if all(may_show(int(n), edition) for n in _COUNT.findall(p))]
    return "; ".join(kept) + ending if kept else None


def _finding(f: FindingRow, edition: Edition, few: str) -> FindingRow:
    if f.n and not may_show(f.n, edition):
        return replace(_emptied(f), declined=few, estimates=())
    estimates = tuple(
        replace(_emptied(e), declined=few)
        if e.n and not may_show(e.n, edition)
        else replace(_emptied(e), verdict=e.verdict)
        if _tells_of_few(e, f, edition)
        else replace(e, note=noted(e.note, edition))
        for e in f.estimates
    )
    return replace(f, note=noted(f.note, edition), estimates=estimates)


def _tells_of_few(e: EstimateRow, f: FindingRow, edition: Edition) -> bool:
    """Whether the figures of everybody and of all but a few stand side by side: those few follow from the two."""
    if not e.method.startswith(LEAVES_OUT) or e.n is None:
        return False
    beyond = [other.n - e.n for other in f.estimates if other.n is not None and other.n > e.n]
    return any(not may_show(n, edition) for n in beyond)


def _emptied(row: Row) -> Row:
    gone: dict[str, Any] = {f.name: None for f in fields(row) if f.name not in _KEPT | _KEPT_TOO}
    return replace(row, **gone)


def _trajectory(t: TrajectoryRow, edition: Edition, few: str) -> TrajectoryRow:
    if may_show(t.n_coded, edition) and may_show(t.n_not_coded, edition):
        fell = (t.n_fell_coded, t.n_fell_not_coded)
        if all(n is None or may_show(n, edition) for n in fell):
            return t
        return replace(t, n_fell_coded=None, n_fell_not_coded=None)
    numbers = {f.name: None for f in fields(t) if f.type in ("float | None", "int | None")}
    return replace(t, **numbers, n_coded=0, n_not_coded=0, declined=few)  # type: ignore[arg-type]
