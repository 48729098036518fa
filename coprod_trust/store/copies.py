"""Copies that left the study's folder, or were made in it: exports and backups, for recall when somebody withdraws."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from coprod_trust import clock
from coprod_trust.store.paths import StudyPaths

NAME = "copies.csv"
FIELDS = ("kind", "path", "sha256", "made_at")


@dataclass(frozen=True)
class Copy:
    """``kind`` is export or backup; ``path`` is where it was put."""

    kind: str
    path: str
    sha256: str
    made_at: datetime


def note_copy(paths: StudyPaths, kind: str, path: Path, sha256: str) -> None:
    """Remember a copy, beside the archive, which lasts."""
    paths.archive.mkdir(parents=True, exist_ok=True)
    file = paths.archive / NAME
    new = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        if new:
            writer.writerow(FIELDS)
        writer.writerow((kind, str(path), sha256, clock.now().isoformat()))


def copies(paths: StudyPaths) -> tuple[Copy, ...]:
    """Every copy remembered, in order."""
    file = paths.archive / NAME
    if not file.is_file():
        return ()
    with file.open(newline="", encoding="utf-8") as handle:
        return tuple(
            Copy(r["kind"], r["path"], r["sha256"], datetime.fromisoformat(r["made_at"]))
            for r in csv.DictReader(handle)
        )
