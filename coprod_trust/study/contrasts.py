"""Which pairs of waves are compared, scale by scale."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from coprod_trust.study.model import Scale, Study


@dataclass(frozen=True)
class Contrast:
    """Two waves, the earlier first.

    ``primary`` marks the one contrast that carries the report's families: the scale's first to its latest wave.
    """

    wave_from: str
    wave_to: str
    planned: bool
    primary: bool

    @property
    def id(self) -> str:
        return f"{self.wave_from}-{self.wave_to}"


def contrasts_of(study: Study, scale: Scale, waves: tuple[str, ...]) -> tuple[Contrast, ...]:
    """The contrasts of a scale among ``waves`` (those with data, in order): the planned ones, every pair of
    consecutive waves, and first to latest. Where the plan names no contrasts, all of these are planned.
    """
    asked = tuple(w for w in waves if study.asked(scale, w))
    if len(asked) < 2:
        return ()
    primary = (asked[0], asked[-1])
    declared = {c for c in study.plan.contrasts if c[0] in asked and c[1] in asked}
    pairs = declared | set(pairwise(asked)) | {primary}
    order = {w: i for i, w in enumerate(asked)}
    return tuple(
        Contrast(a, b, planned=not study.plan.contrasts or (a, b) in declared, primary=(a, b) == primary)
        for a, b in sorted(pairs, key=lambda p: (order[p[0]], order[p[1]]))
    )
