"""Families of questions that share one error rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coprod_trust.analysis.finding import Finding
from coprod_trust.study.model import Family, Plan

_PINGOUIN_NAME = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


STANDING: tuple[Family, ...] = (
    Family(
        id="mechanisms",
        members=["mechanism.*", "mediation.*", "moderation.*"],
        adjust="benjamini_hochberg",
        exploratory=True,
    ),
    Family(id="within_people", members=["within.*"], adjust="holm", exploratory=True),
    Family(id="cross_lags", members=["cross_lagged.*"], adjust="holm", exploratory=True),
    Family(id="correlations", members=["correlation.*"], adjust="benjamini_hochberg", exploratory=True),
)
"""Families of questions that are many and asked without a plan: their members share an error rate all the same. A
member with .* stands for all questions of that kind."""


def adjust(p_values: list[float], method: str) -> list[float]:
    """p adjusted over one family: ``holm``, ``benjamini_hochberg`` or ``none``.

    By pingouin's multicomp: statsmodels' multipletests gives the same, but collects garbage at each call, which takes
    longer than all other statistics together.
    """
    if method == "none" or not p_values:
        return list(p_values)
    from pingouin.multicomp import multicomp

    return [float(p) for p in multicomp(p_values, method=_PINGOUIN_NAME[method])[1]]


def family_of(plan: Plan, question: str) -> Family | None:
    """The first family of the plan that holds the question (a finding's id without its contrast); else the standing
    family of its kind, if there is one."""
    planned = next((f for f in plan.families if question in f.members), None)
    kind = f"{question.partition('.')[0]}.*"
    return planned or next((f for f in STANDING if kind in f.members), None)


def exploratory(plan: Plan, question: str, planned: bool = True) -> bool:
    """Whether the plan does not hold the question, or holds it as exploratory; ``planned`` is its contrast's."""
    family = family_of(plan, question)
    return family is None or family.exploratory or not planned


def slot_of(wave_from: str, wave_to: str, first_wave: bool) -> str:
    """The slot of a contrast; ``first_wave`` says whether it begins at the first wave of what is compared."""
    return f"to {wave_to}" if first_wave else f"{wave_from}-{wave_to}"


@dataclass
class Families:
    """p values by family and slot, adjusted together.

    A slot holds the tests that are adjusted with one another: those from the first wave to the same later wave (which
    is the contrast that carries the family in that wave's report), or those between the same two other waves.
    """

    plan: Plan
    _slots: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    _place: dict[str, tuple[Family, str]] = field(default_factory=dict)

    def add(self, finding_id: str, question: str, slot: str, p_value: float | None) -> Family | None:
        """Enter a test; one without a p value belongs to its family but is not counted in it."""
        family = family_of(self.plan, question)
        if family is None:
            return None
        self._place[finding_id] = (family, slot)
        if p_value is not None:
            self._slots.setdefault((family.id, slot), {})[finding_id] = p_value
        return family

    def family(self, finding_id: str) -> Family | None:
        """The family in which the finding was entered."""
        place = self._place.get(finding_id)
        return place[0] if place else None

    def placed(self, finding: Finding) -> Finding:
        """The finding with its family and adjusted p filled in."""
        family = self.family(finding.finding_id)
        return finding.with_(family=family.id if family else None, p_adjusted=self.adjusted(finding.finding_id))

    def adjusted(self, finding_id: str, instead: float | None = None) -> float | None:
        """The adjusted p; with ``instead``, what it would be if that finding's own p were this one.

        None for a finding in no family, or without a p value.
        """
        if finding_id not in self._place:
            return None
        family, slot = self._place[finding_id]
        members: Mapping[str, float] = self._slots.get((family.id, slot), {})
        if instead is not None:
            members = {**members, finding_id: instead}
        if finding_id not in members:
            return None
        ids = sorted(members)
        return adjust([members[i] for i in ids], family.adjust)[ids.index(finding_id)]
