"""The designs that a run answers, in the order in which their tables are written."""

from __future__ import annotations

from coprod_trust.analysis.design import Design
from coprod_trust.analysis.designs import (
    association,
    change,
    conditions,
    difference,
    engagement,
    instrument,
    mechanisms,
    propensity,
    retention,
    selection,
    start_correlation,
    within_between,
)

DESIGNS: tuple[Design, ...] = (
    Design("A1", "Change in trust", change.answers, core=True, tables=("cross_check",)),
    Design("A2", "Change with change", association.answers, core=True),
    Design("A2", "Trust within people over the waves", within_between.answers),
    Design("A3", "Those who take part and others", selection.answers, core=True),
    Design("A4", "Motivation, trust and control", start_correlation.answers),
    Design("A7", "Mechanisms", mechanisms.answers),
    Design("A8", "Conditions and obstructions", conditions.answers, tables=("simple_slope",)),
    Design("A5", "Who took part, by what is known of them", propensity.answers, tables=("balance",)),
    Design("A12", "Change beside a comparison group", difference.answers),
    Design("A13", "Who stayed and who left", retention.answers, tables=("balance",)),
    Design("B10", "What goes with willingness to take part", engagement.answers),
    Design("A1", "The instrument itself", instrument.answers, tables=instrument.TABLES),
)
