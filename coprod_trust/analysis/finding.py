"""A finding is a question; an estimate is its answer by one method.

Analyses return these; nothing downstream computes a number again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

STRICT_MATCHES = "strict_matches_"
"""Before the name of a method that was used again without people who were linked by a near match."""


class Role(StrEnum):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    SENSITIVITY = "sensitivity"
    CHECK = "check"


class Verdict(StrEnum):
    """Verdicts on change; which one holds is decided by analysis/rules.py alone."""

    CHANGED_SMALL = "changed but small"
    CHANGED_MATTERS = "changed and matters"
    CHANGED_UNCLEAR = "changed, size unclear"
    TOO_SMALL = "change too small to matter"
    INCONCLUSIVE = "inconclusive"


class AssociationVerdict(StrEnum):
    """Verdicts on a change with a change; there is no verdict that says 'not related'."""

    TOGETHER = "changed together"
    OPPOSITE = "changed in opposite directions"
    INCONCLUSIVE = "inconclusive"


class RelationVerdict(StrEnum):
    """Verdicts on two things measured in the same people; there is no verdict that says 'not related'."""

    TOGETHER = "go together"
    OPPOSITE = "go in opposite directions"
    INCONCLUSIVE = "inconclusive"


class ModeratorVerdict(StrEnum):
    """Verdicts on change that differs with a condition: more of the condition, a higher or a lower change."""

    HIGHER = "higher change where there is more"
    LOWER = "lower change where there is more"
    INCONCLUSIVE = "inconclusive"


class DifferenceVerdict(StrEnum):
    """Verdicts on a difference between the changes of two groups."""

    DIFFERENT = "changed differently"
    INCONCLUSIVE = "inconclusive"
    NOT_CONCLUSIVE = "not conclusive"


class Certainty(StrEnum):
    CLEAR = "clear"
    SUGGESTIVE = "suggestive"
    NOT_CLEAR = "not clear"


@dataclass(frozen=True)
class Estimate:
    """One method's answer. Changes and means are in POMP points; ``ci_level`` is a share (0.95)."""

    method: str
    role: Role
    n: int | None = None
    estimate: float | None = None
    std_error: float | None = None
    df: float | None = None
    df_method: str | None = None
    statistic_name: str | None = None
    statistic: float | None = None
    p_value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = 0.95
    effect_name: str | None = None
    effect_size: float | None = None
    effect_ci_low: float | None = None
    effect_ci_high: float | None = None
    verdict: str | None = None
    declined: str | None = None
    note: str | None = None


def of_contrast(method: str, role: Role, n: int, row: Mapping[str, float | str], note: str) -> Estimate:
    """A contrast of a mixed model, with the t test by Kenward and Roger, as an estimate; ``row`` is what the engine's
    ``contrast`` gives."""
    return Estimate(
        method,
        role,
        n=n,
        estimate=float(row["estimate"]),
        std_error=float(row["std_error"]),
        df=float(row["df"]),
        df_method="Kenward-Roger",
        statistic_name="t",
        statistic=float(row["statistic"]),
        p_value=float(row["p_value"]),
        ci_low=float(row["ci_low"]),
        ci_high=float(row["ci_high"]),
        note=note,
    )


@dataclass(frozen=True)
class Finding:
    """A question with its estimates; exactly one of them is primary, and the finding carries its figures.

    ``n`` is set where the primary method also uses people whom sentences do not count: for a change it is that of the
    people with both scores. Elsewhere it is the primary estimate's.
    """

    finding_id: str
    design: str
    outcome: str
    population: str
    estimand: str
    estimates: tuple[Estimate, ...]
    contrast: str | None = None
    predictor: str | None = None
    family: str | None = None
    n_start: int | None = None
    n: int | None = None
    p_adjusted: float | None = None
    verdict: str | None = None
    certainty: str | None = None
    exploratory: bool = False
    mean_from: float | None = None
    mean_to: float | None = None
    n_fell: int | None = None
    n_rose: int | None = None
    n_fell_reliably: int | None = None
    n_rose_reliably: int | None = None
    declined: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        primary = [e for e in self.estimates if e.role is Role.PRIMARY]
        if len(primary) != 1:
            raise ValueError(f"{self.finding_id} has {len(primary)} primary estimates")
        methods = [e.method for e in self.estimates]
        if len(set(methods)) != len(methods):
            raise ValueError(f"{self.finding_id} has two estimates by one method")

    @property
    def primary(self) -> Estimate:
        return next(e for e in self.estimates if e.role is Role.PRIMARY)

    def by_method(self, method: str) -> Estimate | None:
        """The estimate by that method, or None."""
        return next((e for e in self.estimates if e.method == method), None)

    def with_(self, **changes: object) -> Self:
        """A copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]
