"""Meta-inference: what numbers and notes say together, finding by finding, as the rules propose it and as an analyst
signs for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from coprod_trust.analysis import rules
from coprod_trust.analysis.finding import Verdict
from coprod_trust.decisions import SignOff
from coprod_trust.integrate.standing import Standings
from coprod_trust.store import sql
from coprod_trust.study import Study

# The population of a finding that is about the group that takes part.
PARTICIPANTS = "participants"


@dataclass(frozen=True)
class MetaInference:
    """A row of ``meta_inference``; the counts are of people."""

    finding_id: str
    weighed: bool = False
    n_confirms: int = 0
    n_contrasts: int = 0
    n_expands: int = 0
    n_mentions: int = 0
    n_speaking: int = 0
    n_stale: int = 0
    n_silent_asked: int | None = None
    n_not_asked: int | None = None
    n_blinded: int = 0
    fit: str | None = None
    no_fit: str | None = None
    signed_fit: str | None = None
    inference: str | None = None
    signed_off: str | None = None
    signed_on: date | None = None
    sign_off_stale: str | None = None


def meta_inferences(
    con: duckdb.DuckDBPyConnection, study: Study, wave: str, standings: Standings, decisions: Iterable[SignOff]
) -> list[MetaInference]:
    """One row a finding. ``evidence`` must be filled; without any notes up to the wave there is none."""
    found = con.execute("SELECT finding_id, outcome, predictor, population FROM finding ORDER BY finding_id").fetchall()
    any_notes = con.execute("SELECT count(*) > 0 FROM segment").fetchone()
    if not found or not any_notes or not any_notes[0]:
        return []
    guide = con.execute("SELECT count(*) > 0 FROM guide").fetchone()
    knows_asked = bool(guide and guide[0])
    bind = _subjects(study, found) | {
        "participants": study.groups.participants,
        "waves": [w.id for w in study.waves_up_to(wave)],
    }
    # The last sign-off of a finding stands.
    signed = {d.finding_id: d for d in decisions if d.finding_id is not None}
    rows = []
    for finding_id, *counts in sql.run(con, "integrate/meta_counts", bind).fetchall():
        row = MetaInference(finding_id, *counts)
        if not knows_asked:
            row = replace(row, n_silent_asked=None, n_not_asked=None)
        row = _proposed(row, standings.now[finding_id].verdict)
        rows.append(_signed(row, signed.get(finding_id), standings))
    return rows


def _subjects(study: Study, found: Sequence[tuple[str, str, str | None, str]]) -> dict[str, list[str]]:
    """What each finding is about, in the words a guide may use: the scale, and the dimension that it measures."""
    names: Mapping[str, set[str]] = {s.id: {s.id, *([str(s.dimension)] if s.dimension else [])} for s in study.scales}
    by_dimension = {str(s.dimension): s.id for s in study.scales if s.dimension}
    findings, topics, constructs = [], [], []
    for finding_id, outcome, predictor, _ in found:
        for topic in dict.fromkeys(t for t in (outcome, predictor) if t):
            for name in sorted(names.get(by_dimension.get(topic, topic), {topic}) | {topic}):
                findings.append(finding_id)
                topics.append(topic)
                constructs.append(name)
    return {
        "findings": findings,
        "topics": topics,
        "names": constructs,
        "all_findings": [f[0] for f in found],
        "groups": [study.groups.participants if f[3] == PARTICIPANTS else f[3] for f in found],
    }


def _proposed(row: MetaInference, verdict: str | None) -> MetaInference:
    if verdict is None:
        return replace(row, no_fit="the finding has no verdict")
    if verdict == Verdict.INCONCLUSIVE:
        return replace(row, no_fit="the finding is inconclusive")
    if row.n_stale:
        return replace(row, no_fit="the finding changed after stances on it were set")
    fit = rules.propose_fit(verdict, row.n_speaking, row.n_confirms, row.n_contrasts, row.n_silent_asked)
    return replace(row, fit=fit)


def _signed(row: MetaInference, decision: SignOff | None, standings: Standings) -> MetaInference:
    if decision is None:
        return row
    return replace(
        row,
        weighed=True,
        signed_fit=decision.fit or row.fit,
        inference=decision.inference,
        signed_off=decision.who,
        signed_on=decision.when.date(),
        sign_off_stale=standings.moved_since(row.finding_id, decision) or _counts_changed(row, decision),
    )


def _counts_changed(row: MetaInference, decision: SignOff) -> str | None:
    pairs = (
        (decision.n_confirms, row.n_confirms),
        (decision.n_contrasts, row.n_contrasts),
        (decision.n_expands, row.n_expands),
    )
    changed = any(then is not None and then != now for then, now in pairs)
    return "the number of people for or against it changed" if changed else None
