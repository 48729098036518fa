"""The designs that a run answers, in the order in which their tables are written."""

from __future__ import annotations

from coprod_trust.analysis.design import Design
from coprod_trust.analysis.designs import association, change, selection

DESIGNS: tuple[Design, ...] = (
    Design("A1", "Change in trust", change.answers, core=True),
    Design("A2", "Change with change", association.answers, core=True),
    Design("A3", "Those who take part and others", selection.answers, core=True),
)
