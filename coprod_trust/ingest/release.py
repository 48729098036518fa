"""Lets what waits in quarantine in, on record. The next run uses the decision and validates it again."""

from __future__ import annotations

from pathlib import Path

from coprod_trust import clock
from coprod_trust.decisions import Release, append, read
from coprod_trust.errors import Reason, UsageError, quoted
from coprod_trust.ingest.ledger import NEEDS_VALUE
from coprod_trust.ingest.problem import Problem
from coprod_trust.study import load_study


def release(root: Path, problem_id: str, who: str, why: str, value: str | None = None) -> Path:
    """Record in decisions/release.csv that a held row or cell may come in, as it is or with ``value`` in its place;
    returns that file.

    Raises UsageError where no such problem waits, where who or why is empty, where the same was decided before, or
    where a value is needed (what was found cannot be used) or has no cell to go to; Busy where a run holds the study.
    """
    load_study(root)
    for name, given in (("--who", who), ("--why", why)):
        if not given.strip():
            raise UsageError(Reason(f"{name} is empty", "say who decides, and why"))
    problem = _problem(root, problem_id)
    if value is None and problem.rule in NEEDS_VALUE:
        raise UsageError(
            Reason(
                f"what was found there cannot be used as it is [{problem.rule}]",
                f"give the right value with --value; expected: {problem.expected}",
                problem.where,
            )
        )
    if value is not None and (problem.row_number is None or problem.column_name is None):
        raise UsageError(
            Reason("a value cannot be given here: no single cell is meant", "leave --value out", problem.where)
        )
    decision = Release(
        who=who, when=clock.now(), why=why, problem_id=problem_id, source_id=problem.source_id,
        row_number=problem.row_number, column=problem.column_name, scale=problem.scale, rule=problem.rule, value=value,
    )  # fmt: skip
    if any((r.problem_id, r.value) == (problem_id, value) for r in read(root, Release)):
        raise UsageError(Reason("this was released before", "run the study to use it", problem.where))
    return append(root, decision)


def _problem(root: Path, problem_id: str) -> Problem:
    """The problem of the last run with that id, if it waits for a person."""
    from coprod_trust.quarantine import waiting

    for problem in waiting(root):
        if problem.problem_id == problem_id:
            return problem
    raise UsageError(
        Reason(
            f"nothing with the id {problem_id} waits in quarantine",
            f"the ids stand in the list of: coprod-trust quarantine {quoted(root)}",
            "PROBLEM_ID",
        )
    )
