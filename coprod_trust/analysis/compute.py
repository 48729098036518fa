"""All analyses of a study's scores, as pure functions: measured scores in, results out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coprod_trust.analysis import data, models
from coprod_trust.analysis.design import Answer, Design, Rows, Shared
from coprod_trust.analysis.designs import DESIGNS
from coprod_trust.analysis.finding import Finding
from coprod_trust.analysis.multiplicity import Families
from coprod_trust.analysis.reliability import Reliability, reliabilities
from coprod_trust.analysis.strict import shown_beside, strict_matches
from coprod_trust.analysis.wave_means import WaveMean, observed
from coprod_trust.study.model import Plan


@dataclass(frozen=True)
class Results:
    """Everything the step found; ``tables`` holds the rows of designs' own tables."""

    reliabilities: tuple[Reliability, ...]
    wave_means: tuple[WaveMean, ...]
    findings: tuple[Finding, ...]
    tables: Mapping[str, Rows] = field(default_factory=dict)


def analyse(measured: data.Measured, cross_check: bool = False) -> Results:
    """All analyses of the scores: the same input gives the same results, in whatever order it came.

    ``cross_check`` also fits statsmodels' mixed models. Where near matches were accepted, every estimate is made again
    without them.
    """
    from threadpoolctl import threadpool_limits

    # Small matrices only: more threads cost more than they give, and could change the last bits.
    with threadpool_limits(1, user_api="blas"):
        results = _results(measured, cross_check)
        if not measured.linked:
            return results
        strict = _results(strict_matches(measured), cross_check=False)
    return replace(results, findings=shown_beside(results.findings, strict.findings, measured.linked))


def _results(measured: data.Measured, cross_check: bool) -> Results:
    found = tuple(reliabilities(measured))
    fitted = models.Fits(measured, cross_check)
    means = (*observed(measured), *models.wave_means(measured, fitted))
    findings, tables = _answered(Shared(measured, found, means, fitted), chosen(measured.study.plan))
    return Results(found, means, findings, tables)


def chosen(plan: Plan) -> tuple[Design, ...]:
    """The designs that the plan asks for."""
    return tuple(d for d in DESIGNS if d.core or plan.analyses == "full")


def _answered(shared: Shared, designs: tuple[Design, ...]) -> tuple[tuple[Finding, ...], dict[str, Rows]]:
    """Every answer with its p adjusted in its family: so all must have been entered before the first is concluded."""
    families = Families(shared.plan)
    every: list[Answer] = []
    tables: dict[str, Rows] = {}
    for design in designs:
        given = design.answer(shared)
        for answer in given.answers:
            families.add(answer.finding_id, answer.name, answer.slot, answer.p_value)
            every.append(answer)
        for table, rows in given.tables.items():
            tables[table] = (*tables.get(table, ()), *rows)
    return tuple(sorted((a.finding(families) for a in every), key=lambda f: f.finding_id)), tables
