"""Records what a person decided about findings: stances of segments, and sign-offs.

The figures that the person saw, those published last, are recorded with it: the decision is stale once they have moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb

from coprod_trust import clock
from coprod_trust.analysis import rules
from coprod_trust.analysis.rules import Fit
from coprod_trust.decisions import SignOff, Stance, append
from coprod_trust.errors import Reason, UsageError
from coprod_trust.store.query import published
from coprod_trust.study import Study, load_study

StanceWord = Literal["confirms", "contrasts", "expands", "mentions"]


def set_stance(
    root: Path,
    segments: Sequence[str],
    finding_id: str,
    stance: StanceWord,
    who: str,
    why: str,
    blinded: bool | None = None,
) -> Path:
    """Record in decisions/stance.csv what segments do to a finding; returns that file.

    Raises UsageError where who or why is empty or no such finding or segment is published; StudyError where nothing is.
    """
    study = load_study(root)
    _named(who, why)
    with published(root) as con:
        figures = _figures(con, study, finding_id)
        known = {s for (s,) in con.execute("SELECT segment_id FROM segment").fetchall()}
    unknown = [s for s in segments if s not in known]
    if unknown:
        fix = 'the ids stand in the report and in: coprod-trust sql STUDY "FROM segment"'
        raise UsageError(*(Reason(f"no published segment has the id {s}", fix, "SEGMENT") for s in unknown))
    path = root
    for segment in segments:
        decision = Stance(
            who=who, when=clock.now(), why=why, finding_id=finding_id, segment_id=segment, stance=stance,
            blinded=blinded, **figures,
        )  # fmt: skip
        path = append(root, decision)
    return path


def sign_off_finding(
    root: Path, finding_id: str, who: str, why: str, fit: str | None = None, inference: str | None = None
) -> Path:
    """Record in decisions/signoff.csv that an analyst stands for how numbers and notes fit in a finding.

    ``fit`` None: as proposed. Raises UsageError where who or why is empty, no such finding is published, it has no
    proposal and none is given, or it is not one of the fits; StudyError where nothing is published.
    """
    study = load_study(root)
    _named(who, why)
    if fit is not None and fit not in list(Fit):
        raise UsageError(Reason("no such fit", f"choose one of: {'; '.join(Fit)}", "--fit"))
    with published(root) as con:
        figures = _figures(con, study, finding_id)
        row = con.execute(
            "SELECT fit, no_fit, n_confirms, n_contrasts, n_expands FROM meta_inference WHERE finding_id = ?",
            [finding_id],
        ).fetchone()
    if row is None:
        raise UsageError(Reason("there are no coded notes to weigh it against", "hand them in, and run", "FINDING"))
    proposed, no_fit, *counts = row
    if fit is None and proposed is None:
        raise UsageError(Reason(f"nothing is proposed: {no_fit}", f"give --fit: {'; '.join(Fit)}", "FINDING"))
    names = ("n_confirms", "n_contrasts", "n_expands")
    return append(
        root,
        SignOff(
            who=who, when=clock.now(), why=why, finding_id=finding_id, fit=fit or proposed, inference=inference,
            **figures, **dict(zip(names, counts, strict=True)),
        ),
    )  # fmt: skip


def sign_off_report(root: Path, wave: str | None, who: str, why: str) -> Path:
    """Record in decisions/signoff.csv that somebody stands for the published report of a wave.

    Raises UsageError where who or why is empty or another wave is published; StudyError where nothing is.
    """
    load_study(root)
    _named(who, why)
    with published(root) as con:
        row = con.execute("SELECT wave FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1").fetchone()
    current = row[0] if row else None
    if wave is not None and wave != current:
        raise UsageError(
            Reason(
                f"the published report is that of {current}", f"run that wave first, or sign off {current}", "--wave"
            )
        )
    return append(root, SignOff(who=who, when=clock.now(), why=why, wave=current))


def _named(who: str, why: str) -> None:
    for name, given in (("--who", who), ("--why", why)):
        if not given.strip():
            raise UsageError(Reason(f"{name} is empty", "say who decides, and why"))


def _figures(con: duckdb.DuckDBPyConnection, study: Study, finding_id: str) -> dict[str, Any]:
    """What the published finding says, as the fields of a decision."""
    row = con.execute(
        "SELECT verdict, coalesce(p_adjusted, p_value), estimate, ci_low, ci_high FROM finding WHERE finding_id = ?",
        [finding_id],
    ).fetchone()
    if row is None:
        raise UsageError(
            Reason(f"no published finding has the id {finding_id}", "take the id from the report", "FINDING")
        )
    verdict, p, estimate, low, high = row
    direction = rules.direction(p, estimate, study.plan.alpha)
    return {"verdict": verdict, "direction": direction, "estimate": estimate, "ci_low": low, "ci_high": high}
