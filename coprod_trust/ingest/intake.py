"""Which files belong to which wave, and which bytes are read for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coprod_trust.ingest.archive import indexed, stored
from coprod_trust.store.paths import StudyPaths
from coprod_trust.study import File, Study, Wave


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
    for hints in wave.files:
        present = [p for p in sorted(paths.root.glob(hints.path)) if p.is_file() and not p.name.startswith(("~$", "."))]
        for path in present:
            name = path.relative_to(paths.root).as_posix()
            if name not in seen:
                seen.add(name)
                found.append(Intake(path, name, wave.id, hints))
        for entry in indexed(paths):
            gone = entry.kind == "survey" and entry.wave == wave.id and entry.path not in seen
            if gone and fnmatchcase(entry.path, hints.path) and not (paths.root / entry.path).is_file():
                newest = [e for e in indexed(paths) if (e.path, e.wave, e.kind) == (entry.path, wave.id, "survey")][-1]
                seen.add(entry.path)
                found.append(Intake(stored(paths, newest.sha256), entry.path, wave.id, hints, vanished=True))
    return found
