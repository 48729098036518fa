"""What has changed in a study's folder since the run that was published."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb

from coprod_trust.errors import StudyError
from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.query import published
from coprod_trust.store.record import files_read, input_hash
from coprod_trust.study import Study, Wave, load_study

OWN = ("work", "published", "reports", "frozen")
"""Folders of a study that the program fills."""
OWN_CHANGED = "study.yaml, decisions/ or text/"
"""Stands for what ``changed_inputs`` cannot name, since the run kept one hash of them all."""


def published_run(root: Path) -> tuple[str | None, bool]:
    """The wave of the run that is published (None: nothing is), and whether anything it read has changed since."""
    try:
        with published(root) as con:
            run = con.execute("SELECT wave FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1").fetchone()
            if run is None:
                return None, True
            return run[0], bool(changed_inputs(StudyPaths(root), load_study(root), con))
    except StudyError:
        return None, True


def changed_inputs(paths: StudyPaths, study: Study, con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What differs from what the run published in ``con`` read, as paths in the study's folder.

    A survey file that has gone is no change: it is read from the archive. Nor is one that still holds somebody who
    withdrew: its remaining rows are read.
    """
    from coprod_trust.ingest.archive import hash_of, replaced

    run = con.execute("SELECT wave, input_hash FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1").fetchone()
    if run is None or run[0] not in study.wave_ids:
        return ()
    files = files_read(con)
    read = {(name, sha256) for name, _, sha256, _ in files}
    gone = replaced(paths)
    changed = [
        name
        for name, sha256 in (
            (path.relative_to(paths.root).as_posix(), hash_of(path)) for path in declared_files(paths, study, run[0])
        )
        if (name, gone.get(sha256, sha256)) not in read and gone.get(sha256) != ""
    ]
    if input_hash(paths, files) != run[1]:
        changed.append(OWN_CHANGED)
    return tuple(changed)


def folder_state(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of last change (ns) of every file that people hand in or decide with, by its path in the folder.

    What runs write themselves is left out, and so is what a program keeps while it has a file open. Nothing is read, so
    that asking every few seconds costs next to nothing.
    """
    found = {}
    for folder, folders, names in os.walk(root):
        own = OWN if Path(folder) == root else ()
        folders[:] = [f for f in folders if f not in own and not f.startswith(".")]
        for path in (Path(folder, n) for n in names if not n.startswith((".", "~$"))):
            try:
                state = path.stat()
            except OSError:  # it has just gone
                continue
            if stat.S_ISREG(state.st_mode):
                found[path.relative_to(root).as_posix()] = (state.st_size, state.st_mtime_ns)
    return found


def declared_files(paths: StudyPaths, study: Study, wave: str) -> Iterator[Path]:
    """The survey files of waves up to that one and the files of the notes, as far as they lie in the folder now."""
    for w in study.waves_up_to(wave):
        yield from files_of(paths, w)
    notes = study.notes
    for pattern in (notes.codebook, notes.guide, notes.roster, notes.documents, *notes.segments):
        if pattern:
            yield from sorted(p for p in paths.root.glob(pattern) if p.is_file())


def files_of(paths: StudyPaths, wave: Wave) -> tuple[Path, ...]:
    """The wave's survey files that lie in the study's folder now, sorted by name."""
    return tuple(sorted({p for f in wave.files for p in paths.root.glob(f.path) if p.is_file()}))
