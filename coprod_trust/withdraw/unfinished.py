"""A withdrawal that was interrupted: what it looked for and how the study stood, until everything is made anew.

This one file names the person while they are being taken out, since by then nothing else may; it goes after the last
run, before the search that proves that nothing is left.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from coprod_trust.errors import Reason, UsageError
from coprod_trust.store import StudyPaths
from coprod_trust.study import Study
from coprod_trust.study.ids import normalise
from coprod_trust.withdraw.needles import Needles

Findings = dict[str, tuple[str | None, float | None, int | None]]


@dataclass(frozen=True)
class Begun:
    """How the study stood when it began: ``last`` is the wave that was published (None: nothing was), ``findings`` what
    was found then, ``recall`` which copies had been handed out."""

    needles: Needles
    last: str | None
    findings: Findings
    recall: tuple[str, ...]


def place(paths: StudyPaths) -> Path:
    """The file that an unfinished withdrawal leaves."""
    return paths.work / "withdrawing.json"


def read(paths: StudyPaths, study: Study, participant: str) -> Begun | None:
    """What the interrupted withdrawal of this person left. Raises UsageError where it was another person's."""
    if not place(paths).is_file():
        return None
    held = json.loads(place(paths).read_text(encoding="utf-8"))
    needles = Needles(frozenset(held["spellings"]), frozenset(held["words"]), frozenset(held["id_columns"]))
    if normalise(study.ids, participant) not in {normalise(study.ids, s) for s in needles.spellings}:
        raise UsageError(
            Reason("the withdrawal of somebody else was interrupted", "give its command again first", str(place(paths)))
        )
    findings = {f: (verdict, estimate, n) for f, (verdict, estimate, n) in held["findings"].items()}
    return Begun(needles, held["last"], findings, tuple(held["recall"]))


def write(paths: StudyPaths, begun: Begun) -> None:
    """To be called before anything is taken out."""
    needles = begun.needles
    held = {
        "spellings": sorted(needles.spellings), "words": sorted(needles.words),
        "id_columns": sorted(needles.id_columns), "last": begun.last, "findings": begun.findings,
        "recall": begun.recall,
    }  # fmt: skip
    aside = place(paths).with_suffix(".new")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
            json.dump(held, handle)
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(place(paths))
    finally:
        aside.unlink(missing_ok=True)


def clear(paths: StudyPaths) -> None:
    """To be called when everything has been made anew."""
    place(paths).unlink(missing_ok=True)
