"""Every estimate once more on strict matches only: without the answers of people whose id matched only nearly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coprod_trust.analysis import rules
from coprod_trust.analysis.data import Measured
from coprod_trust.analysis.finding import STRICT_MATCHES, Estimate, Finding, Role

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def strict_matches(measured: Measured) -> Measured:
    """The same people, where nobody is linked by a near match: in the wave of that link they did not answer."""
    people = measured.people.copy()
    tables = dict(measured.item_tables)
    for wave, linked in measured.linked.items():
        of_wave = [c for c in people.columns if c.endswith(f"__{wave}")]
        people[of_wave] = _blanked(people[of_wave], linked)
        if wave in tables:
            tables[wave] = _blanked(tables[wave], linked)
    return replace(measured, scores_and_groups=people, answers=tables, linked={})


def _blanked(table: pd.DataFrame, linked: NDArray[np.bool_]) -> pd.DataFrame:
    return table.mask(np.broadcast_to(linked[:, None], table.shape))


def shown_beside(
    findings: Sequence[Finding], strict: Sequence[Finding], linked: Mapping[str, NDArray[np.bool_]]
) -> tuple[Finding, ...]:
    """The findings, each estimate followed by the same method's on strict matches; the primary's brings its verdict, so
    that a conclusion that rests on near matches is told as one that a sensitivity analysis contradicts."""
    again = {f.finding_id: f for f in strict}
    note = f"{sum(int(who.sum()) for who in linked.values())} answers left out whose person was linked by a near match"
    return tuple(_with(f, again.get(f.finding_id), note) for f in findings)


def _with(finding: Finding, again: Finding | None, note: str) -> Finding:
    added = [
        _estimate(e, again.by_method(e.method) if again else None, again.verdict if again else None, note)
        for e in finding.estimates
        if not e.declined
    ]
    shown = finding.with_(estimates=(*finding.estimates, *added))
    if finding.certainty is None:
        return shown
    return shown.with_(certainty=rules.certainty_beside_strict(finding, again.verdict if again else None))


def _estimate(one: Estimate, strict: Estimate | None, verdict: str | None, note: str) -> Estimate:
    method = f"{STRICT_MATCHES}{one.method}"
    if strict is None or strict.declined:
        why = strict.declined if strict else "it cannot be computed"
        return Estimate(method, Role.SENSITIVITY, declined=f"on strict matches: {why}", note=note)
    return replace(
        strict,
        method=method,
        role=Role.SENSITIVITY,
        verdict=verdict if one.role is Role.PRIMARY else None,
        note="; ".join(filter(None, (strict.note, note))),
    )
