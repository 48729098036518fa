"""Made-up panels for questions on relations, and short ways to answer them."""

from __future__ import annotations

import numpy as np

from coprod_trust.analysis.design import Answer
from coprod_trust.analysis.finding import Estimate, Finding
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.study.model import Plan

PLAN = Plan(permutations=999, bootstraps=999)


def concluded(answer: Answer, plan: Plan = PLAN) -> Finding:
    """The finding of one answer, alone in its family."""
    families = Families(plan)
    families.add(answer.finding_id, answer.name, answer.slot, answer.p_value)
    return answer.finding(families)


def method(finding: Finding, name: str) -> Estimate:
    found = finding.by_method(name)
    assert found is not None, [e.method for e in finding.estimates]
    return found


def panel(n: int, waves: int, slope: float, seed: int = 1, drift: float = -5.0) -> tuple[np.ndarray, np.ndarray]:
    """x and y (people x waves) that all fall by ``drift`` a wave; y follows x within people by ``slope``."""
    rng = np.random.default_rng(seed)
    time = drift * np.arange(waves)
    own = rng.normal(0, 8, (n, waves))
    x = 60 + rng.normal(0, 12, (n, 1)) + time + own
    y = 55 + rng.normal(0, 12, (n, 1)) + time + slope * own + rng.normal(0, 6, (n, waves))
    return x, y
