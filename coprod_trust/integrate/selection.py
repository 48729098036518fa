"""Who to speak to next: people whose change is typical, extreme or against the pattern, and people who left.

The rules are those of explanatory sequential designs; ties are broken by lot, from the seed of the plan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Rule = Literal["typical", "extreme_fall", "extreme_rise", "deviant", "leaver"]
TYPICAL, EXTREME, DEVIANT, LEAVERS = 2, 2, 2, 4


@dataclass(frozen=True)
class Candidate:
    """A participant's change of the outcome and of peer trust (POMP; None: not known)."""

    participant_id: str
    change: float | None
    peers: float | None = None


@dataclass(frozen=True)
class Selected:
    """A row of ``case_selection``; ``distance`` is what the rule orders by."""

    outcome: str
    contrast: str
    rule: Rule
    place: int
    participant_id: str
    change: float | None
    distance: float | None
    interviewed: bool


def select_cases(
    outcome: str,
    contrast: str,
    people: Sequence[Candidate],
    leavers: Collection[str],
    interviewed: Collection[str],
    seed: int,
) -> list[Selected]:
    """Typical: the smallest distance from the median change. Extreme: the two largest falls and rises. Deviant: the
    largest residuals of the change on the change in peer trust, where at least ten people have both. Leavers: by lot.
    """
    known = [(p.participant_id, p.change) for p in people if p.change is not None]

    def lot(participant_id: str) -> str:
        return hashlib.sha256(f"{seed}\x1f{outcome}\x1f{contrast}\x1f{participant_id}".encode()).hexdigest()

    changes = dict(known)

    def taken(rule: Rule, ordered: Iterable[tuple[float | None, str]], most: int) -> list[Selected]:
        return [
            Selected(outcome, contrast, rule, place, i, changes.get(i), distance, i in interviewed)
            for place, (distance, i) in enumerate(list(ordered)[:most], start=1)
        ]

    chosen: list[Selected] = []
    if known:
        middle = median(c for _, c in known)
        near = sorted(((abs(c - middle), i) for i, c in known), key=lambda p: (p[0], lot(p[1])))
        falls = sorted(((c, i) for i, c in known if c < 0), key=lambda p: (p[0], lot(p[1])))
        rises = sorted(((c, i) for i, c in known if c > 0), key=lambda p: (-p[0], lot(p[1])))
        chosen += taken("typical", near, TYPICAL)
        chosen += taken("extreme_fall", falls, EXTREME)
        chosen += taken("extreme_rise", rises, EXTREME)
        residuals = sorted(_residuals(people), key=lambda p: (-abs(p[0]), lot(p[1])))
        chosen += taken("deviant", residuals, DEVIANT)
    chosen += taken("leaver", ((None, i) for i in sorted(leavers, key=lot)), LEAVERS)
    return chosen


def _residuals(people: Sequence[Candidate]) -> list[tuple[float, str]]:
    """The part of each change that the change in peer trust does not go with (least squares); none under ten people."""
    from coprod_trust.analysis import rules

    both = [(p.participant_id, p.change, p.peers) for p in people if p.change is not None and p.peers is not None]
    if rules.ASSOCIATION.declines(len(both)):
        return []
    mean_x = sum(x for *_, x in both) / len(both)
    mean_y = sum(y for _, y, _ in both) / len(both)
    spread = sum((x - mean_x) ** 2 for *_, x in both)
    if spread == 0:
        return []
    slope = sum((x - mean_x) * (y - mean_y) for _, y, x in both) / spread
    return [(y - mean_y - slope * (x - mean_x), i) for i, y, x in both]
