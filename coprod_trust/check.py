"""Everything that is wrong with what was handed in, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coprod_trust.errors import Reason, UserError
from coprod_trust.ingest.problem import Problem
from coprod_trust.ingest.step import inspect_into
from coprod_trust.notes.step import read_notes
from coprod_trust.runner import choose_wave
from coprod_trust.store import StudyPaths, open_memory
from coprod_trust.study import Severity, load_study


@dataclass(frozen=True)
class Checked:
    """What a run up to ``wave`` would find; it would refuse where ``refused``. ``reasons``: why the notes cannot be
    read at all."""

    wave: str
    problems: tuple[Problem, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def refused(self) -> bool:
        return bool(self.reasons) or any(p.severity is Severity.REFUSE for p in self.problems)


def check(root: Path, wave: str | None = None) -> Checked:
    """Hold survey files and notes of the waves up to ``wave`` (None: the latest with files) against every rule.

    Raises what a run raises before it reads a file: StudyError, UsageError for an unknown wave, Refused where there are
    no files. Where a survey file is refused, nobody is known to be in the survey, so of the notes only refusals are
    told.
    """
    study = load_study(root)
    chosen = choose_wave(StudyPaths(root), study, wave)
    with open_memory(StudyPaths(root)) as con:
        survey = inspect_into(con, root, study, chosen).problems
        try:
            notes = read_notes(con, study, root, chosen).problems
        except UserError as error:
            return Checked(chosen, survey, error.reasons)
    if any(p.severity is Severity.REFUSE for p in survey):
        notes = [p for p in notes if p.severity is Severity.REFUSE]
    return Checked(chosen, (*survey, *notes))
