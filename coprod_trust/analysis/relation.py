"""An answered question whose verdict is that of a relation: what it still waits for is the p adjusted in its family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from coprod_trust.analysis import rules
from coprod_trust.analysis.finding import Estimate, Finding, Role
from coprod_trust.analysis.multiplicity import Families

# Methods whose p is the check by permutation; where there is none, the primary p is one itself.
PERMUTED = ("score_flip", "freedman_lane")
WITHOUT_TWO = "without_two_most_influential"

Judge = Callable[[float | None, float | None, float], str]
"""From the adjusted p, the estimate and alpha to the verdict."""


@dataclass(frozen=True)
class Pending:
    """A tested question; ``judge`` is its rule of ``rules.py``."""

    draft: Finding
    name: str
    slot: str
    judge: Judge

    @property
    def finding_id(self) -> str:
        return self.draft.finding_id

    @property
    def p_value(self) -> float | None:
        return self.draft.primary.p_value

    def finding(self, families: Families) -> Finding:
        """The finding with family and adjusted p, its verdict and certainty; sensitivity analyses get a verdict too."""
        plan = families.plan

        def judged(e: Estimate) -> Estimate:
            if e.role not in (Role.PRIMARY, Role.SENSITIVITY) or e.p_value is None or e.estimate is None:
                return e
            adjusted = families.adjusted(self.finding_id, instead=e.p_value)
            return replace(e, verdict=self.judge(e.p_value if adjusted is None else adjusted, e.estimate, plan.alpha))

        found = families.placed(self.draft).with_(estimates=tuple(judged(e) for e in self.draft.estimates))
        verdict = found.primary.verdict or self.judge(None, None, plan.alpha)
        permuted = next((e for m in PERMUTED if (e := found.by_method(m)) is not None), found.primary)
        without = found.by_method(WITHOUT_TWO)
        checks = rules.Checks(
            permutation_p=permuted.p_value,
            same_without_two=None if without is None or without.declined else without.verdict == verdict,
        )
        deciding = found.primary.p_value if found.p_adjusted is None else found.p_adjusted
        return found.with_(verdict=verdict, certainty=rules.certainty(verdict, deciding, checks, plan.alpha))
