"""The files received, without the person: new bytes for each content in the archive that holds them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coprod_trust.ingest import archive
from coprod_trust.ingest.intake import KIND
from coprod_trust.notes.files import TRANSCRIPT
from coprod_trust.store import StudyPaths
from coprod_trust.study import Study
from coprod_trust.withdraw.needles import Needles
from coprod_trust.withdraw.person import Person
from coprod_trust.withdraw.rows import without_rows
from coprod_trust.withdraw.search import search_file

_TABLES = {".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
           ".sav": "sav", ".zsav": "sav", ".dta": "dta", ".parquet": "parquet"}  # fmt: skip
FILLER = "·"
"""Stands for each letter of what a person said in a transcript, so that places in it stay what they are."""


def replace_originals(paths: StudyPaths, study: Study, person: Person) -> tuple[dict[str, str], int]:
    """Put files without the person into the archive; returns old hash: new hash (nothing: it cannot be written again)
    and how many rows went. The old bytes are still there; the caller takes them out once the decision is on record."""
    found: dict[str, str] = {}
    rows = 0
    for sha256, name, kind, path in received(paths, study):
        if sha256 in found or not path.is_file():
            continue
        if kind == TRANSCRIPT:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            new = without_words(text, Path(name).stem, person)
            if new != text:
                found[sha256] = archive.put(paths, new.encode())
                rows += 1
            continue
        if kind in (KIND, "refused") and person.rows.get(sha256) == {"": set()}:
            continue  # the one table in it is read, and the person has no row there
        made = _without(path, name, sha256, kind, study, person)
        if made is not None:
            new_hash, gone = made
            found[sha256] = archive.put(paths, new_hash) if new_hash is not None else ""
            rows += gone
    return found, rows


def received(paths: StudyPaths, study: Study) -> Iterable[tuple[str, str, str, Path]]:
    """Hash, name, kind and place of everything received, and of what lies in waves/ and notes/ now."""
    for entry in archive.entries(paths):
        yield entry.sha256, entry.path, entry.kind, archive.kept_path(paths, entry.sha256)
    transcripts = study.notes.transcripts
    for folder, kind in (("waves", KIND), ("notes", "notes")):
        for path in sorted((paths.root / folder).rglob("*")):
            if path.is_file():
                name = path.relative_to(paths.root).as_posix()
                spoken = transcripts is not None and name.startswith(f"{transcripts}/")
                yield archive.hash_of(path), name, TRANSCRIPT if spoken else kind, path


def _without(
    path: Path, name: str, sha256: str, kind: str, study: Study, person: Person
) -> tuple[bytes | None, int] | None:
    """New bytes and the rows that went; None for the bytes of a file that cannot be written again; None where the
    person is not in it."""
    format_ = person.formats.get(sha256) or _TABLES.get(Path(name).suffix.lower())
    needles = person.needles(study)
    known = person.rows.get(sha256, {}) if kind in (KIND, "refused") else {}
    own = {s.row_number for s in person.segments if s.source_id.endswith(sha256[:16]) and s.row_number is not None}
    if format_ is not None:
        made = without_rows(path, format_, Theirs(needles, known, own), person.hints.get(sha256))
        if made is not None:
            return made if made[1] else None
    return (None, 1) if search_file(path, needles) else None


@dataclass
class Theirs:
    """Which rows of a file are the person's: in a table that is read as answers, those known by number (``known``, by
    table); in any other, those of ``own`` and those with a cell that names or quotes them. Rows come in order, as the
    names of the columns stand above."""

    needles: Needles
    known: Mapping[str, set[int]]
    own: Collection[int]
    _names: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, table: str, number: int, cells: list[str]) -> bool:
        if table in self.known:
            return number in self.known[table]
        names = self._names.get(table, [])
        if not names or self.needles.names_ids(cells):
            # The first row, and then the first that names a column of ids.
            if not self.needles.names_ids(names):
                self._names[table] = cells
            return False
        pairs = zip(cells, [*names, *[""] * len(cells)], strict=False)
        return number in self.own or any(self.needles.in_cell(name, cell) for cell, name in pairs if cell)


def without_words(text: str, document: str, person: Person) -> str:
    """A transcript without what the person said, letter by letter, so that the places of all else stay."""
    letters = list(text)

    def hide(start: int, end: int) -> None:
        for i in range(max(0, start), min(end, len(letters))):
            if not letters[i].isspace():
                letters[i] = FILLER

    if document in person.own_documents:
        hide(0, len(letters))
    for segment in person.segments:
        if segment.document == document and segment.start is not None and segment.end is not None:
            hide(segment.start, segment.end)
    labels = {s for s in (*person.speakers.get(document, ()), *person.spellings) if s}
    for label in labels if document in person.speakers else ():
        turn = rf"^[ \t]*{re.escape(label)}[ \t]*[:\]].*?(?=^[ \t]*[^\s:][^:\n]{{0,40}}:|\Z)"
        for found in re.finditer(turn, text, re.MULTILINE | re.DOTALL):
            hide(*found.span())
    for word in (*person.words, *person.spellings):
        if len(word) >= 4:
            for found in re.finditer(re.escape(word), text):
                hide(*found.span())
    return "".join(letters)
