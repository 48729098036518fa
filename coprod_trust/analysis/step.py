"""The analyse step: reads scores, answers every question of every design, writes the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coprod_trust import beside
from coprod_trust.analysis import data
from coprod_trust.store import open_work

if TYPE_CHECKING:
    from coprod_trust.analysis.compute import Results
    from coprod_trust.steps import Context, Counts


def run_step(context: Context) -> Counts:
    """Analyse the scores up to the context's wave; rebuilds its tables in one transaction."""
    study = context.study()
    with open_work(context.paths) as con:
        measured = data.read(con, study, context.wave)
        if measured.few:
            computing = beside.submit(analyse, measured, context.cross_check)
            beside.prepare_meanwhile()
            results = computing.result()
        else:
            results = analyse(measured, context.cross_check)
        from coprod_trust.analysis import store

        store.write(con, results)
    return {
        "findings": len(results.findings),
        "declined": sum(f.declined is not None for f in results.findings),
        "estimates": sum(len(f.estimates) for f in results.findings),
    }


def analyse(measured: data.Measured, cross_check: bool) -> Results:
    """All analyses, imported where they are made: that takes longer than reading the scores."""
    from coprod_trust.analysis import compute

    return compute.analyse(measured, cross_check)
