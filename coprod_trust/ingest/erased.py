"""People who withdrew before: what is kept to know their rows by, should a later file hold them again.

Either the study keeps a keyed hash of their ids (``ids: remember_withdrawn``), and rows of theirs are left out; or
nothing of them is kept but which contents were looked into when they withdrew, and an id that stood in none of these
waits until somebody says whose it is.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import duckdb

from coprod_trust.decisions import Withdrawal, read
from coprod_trust.ingest import archive
from coprod_trust.ingest.intake import KIND, Intake, intakes
from coprod_trust.ingest.problem import FileRefused
from coprod_trust.ingest.readers import stage, wave_values
from coprod_trust.store import StudyPaths, open_memory, sql
from coprod_trust.study import File, Study
from coprod_trust.study.ids import normalise

FIX_AFTER_WITHDRAWAL = (
    "if it is somebody else: coprod-trust release STUDY PROBLEM_ID --who NAME --why REASON; if it is theirs: "
    "coprod-trust withdraw STUDY ID --who NAME --why REASON"
)
SHORT = 16
"""Digits of a content's hash that tell it apart in a study."""


@dataclass(frozen=True)
class Erased:
    """``marks``: salt and keyed hash of each id that must not come in. ``searched``: first digits of the hashes of what
    was looked into at the first withdrawal that left no mark; None where each left one. ``look``: finds the ids in
    those of them that the caller does not read itself."""

    marks: tuple[tuple[str, str], ...] = ()
    searched: frozenset[str] | None = None
    look: Callable[[], frozenset[str]] = field(default=frozenset, repr=False)

    @cached_property
    def known(self) -> frozenset[str]:
        """Ids that somebody else has: they stood in a file when the person's were all gone."""
        return self.look()

    def withdrew(self, participant_id: str) -> bool:
        """Whether the id has one of the marks."""
        return any(_hash(salt, participant_id) == mark for salt, mark in self.marks)

    def was_searched(self, sha256: str) -> bool:
        """Whether that content holds nobody who withdrew, as it was there and looked into then."""
        return self.searched is None or sha256[:SHORT] in self.searched


def mark_of(ids: Iterable[str]) -> str:
    """What is kept of ids: a salt, and the SHA-256 of the salt and each id. Whoever has it can test an id against it:
    it is a pseudonym, and with ids of a few digits no more than a veil."""
    salt = secrets.token_hex(16)
    return f"{salt}:{' '.join(sorted(_hash(salt, i) for i in ids))}"


def _hash(salt: str, participant_id: str) -> str:
    return hashlib.sha256((salt + participant_id).encode()).hexdigest()


def erased(paths: StudyPaths, study: Study, read_now: Collection[str] = ()) -> Erased:
    """What is kept of the people who withdrew. ``read_now``: hashes of contents whose ids the caller reads itself."""
    decisions = read(paths.root, Withdrawal)
    marks = tuple(
        (salt, mark)
        for d in decisions
        if d.mark is not None
        for salt, _, ids in [d.mark.partition(":")]
        for mark in ids.split()
    )
    unmarked = next((d for d in decisions if d.mark is None and d.searched is not None), None)
    if unmarked is None or unmarked.searched is None:
        return Erased(marks)
    since = {old[:SHORT]: new[:SHORT] for old, new in archive.replaced(paths).items()}
    searched = frozenset(since.get(s, s) for s in unmarked.searched.split())
    others = searched - {s[:SHORT] for s in read_now}
    return Erased(marks, searched, partial(_ids_in, paths, study, others))


def contents(paths: StudyPaths, study: Study) -> list[tuple[Intake, str]]:
    """Every content that a survey file ever had with its hash, and how it is read: from waves/ and from the archive."""
    found: dict[tuple[str, str], tuple[Intake, str]] = {}
    entries = [e for e in archive.entries(paths) if e.kind in (KIND, "refused") and archive.is_kept(paths, e.sha256)]
    for wave in study.waves:
        known = {i.name: i for i in intakes(paths, study, wave)}
        for intake in known.values():
            sha256 = archive.hash_of(intake.path)
            found[wave.id, sha256] = (intake, sha256)
        for entry in entries:
            if entry.wave == wave.id and (entry.path in known or wave.files):
                hints = known[entry.path].hints if entry.path in known else wave.files[0]
                intake = Intake(archive.kept_path(paths, entry.sha256), entry.path, wave.id, hints)
                found.setdefault((wave.id, entry.sha256), (intake, entry.sha256))
    return list(found.values())


def _ids_in(paths: StudyPaths, study: Study, wanted: Collection[str]) -> frozenset[str]:
    """The ids, normalised, in contents of survey files and of tables of the notes."""
    if not wanted:
        return frozenset()
    gone = archive.replaced(paths)
    files: dict[str, tuple[Path, str, str | None, File]] = {}
    for intake, received in contents(paths, study):
        sha256 = gone.get(received, received)
        path = archive.kept_path(paths, sha256) if received in gone else intake.path
        files[sha256] = (path, intake.name, intake.wave, intake.hints)
    for entry in archive.entries(paths):
        if entry.wave is None:
            file = File(path=entry.path, id_column="participant_id")
            files.setdefault(entry.sha256, (archive.kept_path(paths, entry.sha256), entry.path, None, file))
    found: set[str] = set()
    with open_memory(paths) as con:
        for sha256, (path, name, wave, hints) in files.items():
            if sha256[:SHORT] in wanted and path.is_file():
                found |= _ids_of(con, study, path, name, wave, sha256, hints)
    return frozenset(found)


def _ids_of(
    con: duckdb.DuckDBPyConnection, study: Study, path: Path, name: str, wave: str | None, sha256: str, hints: File
) -> set[str]:
    column = hints.id_column or study.ids.column
    try:
        staged = stage(
            con, path, hints, name=name, wave=wave, kind=KIND, sha256=sha256, id_column=column,
            known_waves=wave_values(study, hints), as_view=False,
        )  # fmt: skip
    except FileRefused:
        return set()
    there = next((c.name for c in staged.columns if c.name.casefold() == column.casefold()), None)
    if there is None:
        return set()
    rows = con.execute(f"SELECT DISTINCT {sql.ident(there)} FROM {staged.table}").fetchall()
    return {normalise(study.ids, raw) for (raw,) in rows} - {""}
