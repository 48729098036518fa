"""What waits in quarantine, with the values found: for people who may see them, on the command line alone."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from coprod_trust.errors import Reason, StudyError, quoted
from coprod_trust.ingest.problem import Problem
from coprod_trust.store import StudyPaths, open_work, study_lock
from coprod_trust.study import Severity, load_study


def waiting(root: Path) -> tuple[Problem, ...]:
    """The problems of the last run that keep a row or a cell out and that nobody has decided upon, by file and row.

    Raises StudyError where nothing was run yet, Busy where a run holds the study.
    """
    load_study(root)
    paths = StudyPaths(root)
    if not paths.database.is_file():
        raise StudyError(Reason("nothing has been run yet", f"first: coprod-trust run {quoted(root)}", str(root)))
    names = [f.name for f in fields(Problem)]
    with study_lock(paths), open_work(paths) as con:
        rows = con.execute(
            f"SELECT {', '.join(names)} FROM problem WHERE severity = 'quarantine' AND status = 'open' "
            "ORDER BY name, row_number, column_name, rule"
        ).fetchall()
    problems = (dict(zip(names, row, strict=True)) for row in rows)
    return tuple(Problem(**{**p, "severity": Severity(p["severity"])}) for p in problems)
