"""Which files belong to which wave, and which bytes are read for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coprod_trust.ingest.archive import entries, kept_path
from coprod_trust.store.paths import StudyPaths
from coprod_trust.study import File, Study, Wave

KIND = "survey"


@dataclass(frozen=True)
class Intake:
    """One file in one wave. ``path`` is where its bytes lie: in the study folder, or in the archive once it has gone
    from there (``vanished``). ``name`` is relative to the study folder."""

    path: Path
    name: str
    wave: str
    hints: File
    vanished: bool = False


def intakes(paths: StudyPaths, study: Study, wave: Wave) -> list[Intake]:
    """The files of a wave, in the order of study.yaml and then by name; a file that was imported and has gone since
    comes from the archive."""
    from fnmatch import fnmatchcase

    found: list[Intake] = []
    seen: set[str] = set()
    received = [e for e in entries(paths) if e.kind == KIND and e.wave == wave.id]
    for hints in wave.files:
        present = [p for p in sorted(paths.root.glob(hints.path)) if p.is_file() and not p.name.startswith(("~$", "."))]
        for path in present:
            name = path.relative_to(paths.root).as_posix()
            if name not in seen:
                seen.add(name)
                found.append(Intake(path, name, wave.id, hints))
        for entry in received:
            gone = entry.path not in seen and not (paths.root / entry.path).is_file()
            if gone and fnmatchcase(entry.path, hints.path):
                newest = [e for e in received if e.path == entry.path][-1]
                seen.add(entry.path)
                found.append(Intake(kept_path(paths, newest.sha256), entry.path, wave.id, hints, vanished=True))
    return found
