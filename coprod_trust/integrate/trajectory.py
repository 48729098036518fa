"""Codes with trajectories: interviewed participants coded with a code beside those interviewed and not coded with it.

The unit is the participant, never the segment. What is found is association in a small group; nothing here says that
what a code stands for brought the change about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from coprod_trust.analysis import rules
from coprod_trust.analysis.seeds import RandomOrders
from coprod_trust.integrate.arms import compare_shares, hedges_g, permutation_test

if TYPE_CHECKING:
    import numpy as np

CODED, UNRESOLVED = "coded", "unresolved"


@dataclass(frozen=True)
class Person:
    """An interviewed participant: the change (later minus earlier, POMP; None without both scores), the day of the
    later survey, and the interviews up to that wave."""

    participant_id: str
    change: float | None
    response_date: date | None
    n_segments: int
    first_interview: date | None
    last_interview: date | None


@dataclass(frozen=True)
class Mark:
    """What one person was coded with: coded or unresolved; ``single_only`` where it rests on one coder."""

    status: Literal["coded", "unresolved"]
    single_only: bool


@dataclass(frozen=True)
class Comparison:
    """One scale between two waves. ``error`` is the standard error of a person's change, None where not known;
    ``declined`` says why the two waves may not be compared."""

    outcome: str
    dimension: str | None
    wave_from: str
    wave_to: str
    error: float | None
    n_not_interviewed: int
    declined: str | None = None


@dataclass(frozen=True)
class Trajectory:
    """A row of ``code_trajectory``."""

    code: str
    outcome: str
    dimension: str | None
    contrast: str
    wave_from: str
    wave_to: str
    n_coded: int
    n_not_coded: int
    n_single_coded: int
    n_unresolved: int
    n_not_interviewed: int
    n_no_change: int
    mean_change_coded: float | None = None
    mean_change_not_coded: float | None = None
    difference: float | None = None
    effect_name: str | None = None
    effect_size: float | None = None
    effect_ci_low: float | None = None
    effect_ci_high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    method: str | None = None
    n_arrangements: int | None = None
    n_fell_coded: int | None = None
    n_fell_not_coded: int | None = None
    risk_difference: float | None = None
    risk_ci_low: float | None = None
    risk_ci_high: float | None = None
    p_value_fell: float | None = None
    p_adjusted_fell: float | None = None
    segments_per_person_coded: float | None = None
    segments_per_person_not_coded: float | None = None
    n_interviewed_before: int | None = None
    n_interviewed_after: int | None = None
    declined: str | None = None


def trajectories(
    comparison: Comparison,
    people: Sequence[Person],
    marks: Mapping[str, Mapping[str, Mark]],
    orders: RandomOrders,
    criterion: float = rules.RELIABLE_CHANGE_CRITERION,
) -> list[Trajectory]:
    """One row a code in ``marks`` (code: participant: mark).

    People with an unresolved code are in neither arm; under 5 in an arm the code is listed and not tested. A change
    below ``-criterion * error`` is a fall beyond measurement error.
    """
    import numpy as np

    scored = [p for p in people if p.change is not None]
    rows = []
    for code in sorted(marks):
        of_code = marks[code]
        kept = [p for p in scored if p.participant_id not in of_code or of_code[p.participant_id].status == CODED]
        coded = np.array([p.participant_id in of_code for p in kept], dtype=bool)
        row = _counts(comparison, code, people, scored, kept, of_code)
        if (reason := comparison.declined or _too_few(row)) is not None:
            rows.append(replace(row, declined=reason))
            continue
        values = np.array([p.change for p in kept], dtype=np.float64)
        row = _means(row, values, coded, orders)
        row = _falls(row, values, coded, comparison.error, criterion)
        rows.append(_interviews(row, kept, coded))
    return rows


def _counts(
    comparison: Comparison,
    code: str,
    people: Sequence[Person],
    scored: Sequence[Person],
    kept: Sequence[Person],
    of_code: Mapping[str, Mark],
) -> Trajectory:
    coded = [p for p in kept if p.participant_id in of_code]
    return Trajectory(
        code=code,
        outcome=comparison.outcome,
        dimension=comparison.dimension,
        contrast=f"{comparison.wave_from}-{comparison.wave_to}",
        wave_from=comparison.wave_from,
        wave_to=comparison.wave_to,
        n_coded=len(coded),
        n_not_coded=len(kept) - len(coded),
        n_single_coded=sum(of_code[p.participant_id].single_only for p in coded),
        n_unresolved=len(scored) - len(kept),
        n_not_interviewed=comparison.n_not_interviewed,
        n_no_change=len(people) - len(scored),
    )


def _too_few(row: Trajectory) -> str | None:
    too_few = rules.CODE_TRAJECTORY.declines(min(row.n_coded, row.n_not_coded))
    return f"{too_few} ({row.n_coded} coded, {row.n_not_coded} not coded)" if too_few else None


def _means(row: Trajectory, values: np.ndarray, coded: np.ndarray, orders: RandomOrders) -> Trajectory:
    test = permutation_test(values, coded, orders)
    effect = hedges_g(values[coded], values[~coded])
    mean_coded, mean_not_coded = float(values[coded].mean()), float(values[~coded].mean())
    return replace(
        row,
        mean_change_coded=mean_coded,
        mean_change_not_coded=mean_not_coded,
        difference=mean_coded - mean_not_coded,
        effect_name="hedges_g",
        effect_size=effect.value,
        effect_ci_low=effect.ci_low,
        effect_ci_high=effect.ci_high,
        p_value=test.p_value,
        method=test.method,
        n_arrangements=test.arrangements,
    )


def _falls(row: Trajectory, values: np.ndarray, coded: np.ndarray, error: float | None, criterion: float) -> Trajectory:
    if error is None:
        return row
    fell = values < -criterion * error
    fell_coded, fell_not_coded = int(fell[coded].sum()), int(fell[~coded].sum())
    shares = compare_shares(fell_coded, row.n_coded, fell_not_coded, row.n_not_coded)
    return replace(
        row,
        n_fell_coded=fell_coded,
        n_fell_not_coded=fell_not_coded,
        risk_difference=shares.difference,
        risk_ci_low=shares.ci_low,
        risk_ci_high=shares.ci_high,
        p_value_fell=shares.p_value,
    )


def _interviews(row: Trajectory, kept: Sequence[Person], coded: np.ndarray) -> Trajectory:
    """Talkativeness, since people who say more collect more codes; and what came first, interview or survey."""
    import numpy as np

    segments = np.array([p.n_segments for p in kept], dtype=float)
    dated = [
        (p.first_interview, p.last_interview, p.response_date)
        for p in kept
        if p.first_interview is not None and p.last_interview is not None and p.response_date is not None
    ]
    return replace(
        row,
        segments_per_person_coded=float(segments[coded].mean()),
        segments_per_person_not_coded=float(segments[~coded].mean()),
        n_interviewed_before=sum(last < survey for _, last, survey in dated) if dated else None,
        n_interviewed_after=sum(last >= survey for _, last, survey in dated) if dated else None,
    )


def adjust_p(p_values: Sequence[float | None], method: str = "benjamini_hochberg") -> list[float | None]:
    """p adjusted over one family; None stays None and is not counted."""
    from coprod_trust.analysis.multiplicity import adjust

    given = [p for p in p_values if p is not None]
    adjusted = iter(adjust(given, method))
    return [None if p is None else next(adjusted) for p in p_values]


@dataclass(frozen=True)
class Compared:
    """What one comparison rests on: its people, and per code who bears which mark."""

    comparison: Comparison
    people: Sequence[Person]
    marks: Mapping[str, Mapping[str, Mark]]


def family_trajectories(family: Sequence[Compared], orders: RandomOrders, method: str) -> list[Trajectory]:
    """Every code in every comparison of one family, with p adjusted in it."""
    rows = [row for c in family for row in trajectories(c.comparison, c.people, c.marks, orders)]
    return adjust_family(rows, method)


def adjust_family(rows: Iterable[Trajectory], method: str = "benjamini_hochberg") -> list[Trajectory]:
    """The rows of one family with their adjusted p: the tests of means together, and those of falls together."""
    family = list(rows)
    means = adjust_p([r.p_value for r in family], method)
    falls = adjust_p([r.p_value_fell for r in family], method)
    return [replace(r, p_adjusted=p, p_adjusted_fell=q) for r, p, q in zip(family, means, falls, strict=True)]
