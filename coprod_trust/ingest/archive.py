"""Keeps every file handed in, byte for byte, under its SHA-256.

``work/archive/<sha256>`` holds the bytes; ``work/archive/index.csv`` gets one line for every file that was received and
is never rewritten. A process that is killed at any moment leaves either a whole file or nothing: bytes are written
aside, synchronised and renamed, and a line that was cut off is skipped by the reader and closed by the next writer.

The caller holds the study's lock while it writes.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import FileIO, StringIO
from pathlib import Path
from typing import BinaryIO

from coprod_trust import clock
from coprod_trust.errors import Reason, StorageError, cannot_write
from coprod_trust.store.paths import StudyPaths

INDEX = "index.csv"
FIELDS = ("path", "sha256", "wave", "kind", "received_at")
_ASIDE = ".incoming-"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """A file as it was received. ``path`` is relative to the study folder; the time has a zone."""

    path: str
    sha256: str
    wave: str | None
    kind: str
    received_at: datetime


_hashed: dict[Path, tuple[tuple[int, ...], str]] = {}


def hash_of(path: Path) -> str:
    """SHA-256 of a file, as 64 hex digits; writes nothing. Within a process a file is read again only if anything was
    done to it since (a change of its content always gives it another ctime)."""
    state, known = state_of(path), _hashed.get(path)
    if known is not None and known[0] == state:
        return known[1]
    with path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    _remember(path, state, sha256)
    return sha256


def state_of(path: Path) -> tuple[int, ...]:
    """What differs once anything was done to a file."""
    s = path.stat()
    return s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns


def _remember(path: Path, state: tuple[int, ...], sha256: str) -> None:
    if state_of(path) == state:
        _hashed[path] = state, sha256


def keep(paths: StudyPaths, path: Path) -> str:
    """Copy a file into the archive, unless its bytes are there already; returns its SHA-256.

    Raises StorageError where the disk is full or the folder cannot be written.
    """
    size, state = path.stat().st_size, state_of(path)
    try:
        paths.archive.mkdir(parents=True, exist_ok=True)
        # Bytes that nothing in the archive has as many of are new: they are hashed while they are copied.
        if any(kept.stat().st_size == size for kept in paths.archive.iterdir()):
            sha256 = hash_of(path)
            if is_kept(paths, sha256, size):
                return sha256
        for left_over in paths.archive.glob(f"{_ASIDE}*"):
            left_over.unlink()
        aside = paths.archive / f"{_ASIDE}{os.getpid()}"
        with path.open("rb", buffering=0) as source, aside.open("xb") as target:
            # Hashed again while copying: a file that is still being written gets the hash of what was kept.
            sha256 = _copy(source, target)
            target.flush()
            os.fsync(target.fileno())
        aside.chmod(0o400)
        aside.replace(paths.archive / sha256)
        _sync_folder(paths.archive)
        _remember(path, state, sha256)
    except OSError as error:
        raise _storage(paths, error) from None
    return sha256


def is_kept(paths: StudyPaths, sha256: str, size: int | None = None) -> bool:
    """Whether the archive has those bytes, and as many of them as ``size``."""
    kept = paths.archive / sha256
    return kept.is_file() and (size is None or kept.stat().st_size == size)


def kept_path(paths: StudyPaths, sha256: str) -> Path:
    """Where the bytes with that hash lie, or would lie."""
    return paths.archive / sha256


def record(paths: StudyPaths, path: str, sha256: str, wave: str | None, kind: str) -> Entry:
    """Add a line to the index, unless the very same is there; returns the entry, the older one if there is one."""
    known = next((e for e in entries(paths) if (e.path, e.sha256, e.wave, e.kind) == (path, sha256, wave, kind)), None)
    if known is not None:
        return known
    entry = Entry(path, sha256, wave, kind, clock.now())
    line = StringIO()
    writer = csv.writer(line, lineterminator="\n")
    index = paths.archive / INDEX
    try:
        paths.archive.mkdir(parents=True, exist_ok=True)
        with index.open("a+b") as handle:
            if handle.seek(0, os.SEEK_END) == 0:
                writer.writerow(FIELDS)
            else:
                handle.seek(-1, os.SEEK_END)
                if handle.read(1) != b"\n":
                    line.write("\n")
            writer.writerow((path, sha256, wave or "", kind, entry.received_at.isoformat()))
            handle.write(line.getvalue().encode())
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise _storage(paths, error) from None
    return entry


def entries(paths: StudyPaths) -> list[Entry]:
    """Every file received, in order. A line that was cut off by a kill is left out."""
    index = paths.archive / INDEX
    if not index.is_file():
        return []
    found = []
    with index.open(encoding="utf-8", errors="replace") as handle:
        for line in handle:
            # Line by line: a quote left open by a kill must not swallow the lines after it.
            row = next(csv.reader([line]), [])
            if len(row) == len(FIELDS) and re.fullmatch(r"[0-9a-f]{64}", row[1]):
                try:
                    received = datetime.fromisoformat(row[4])
                except ValueError:
                    continue
                if received.tzinfo is not None:
                    found.append(Entry(row[0], row[1], row[2] or None, row[3], received))
    return found


def latest(paths: StudyPaths) -> dict[tuple[str, str | None], Entry]:
    """Per path and wave, the entry that was received last."""
    return {(entry.path, entry.wave): entry for entry in entries(paths)}


def replaced(paths: StudyPaths) -> dict[str, str]:
    """Hashes of files that held the rows of somebody who withdrew, each with that of the file without them (an empty
    text: there is none). Such a file is never read again, wherever it turns up."""
    from coprod_trust.decisions import Withdrawal, read

    found: dict[str, str] = {}
    for decision in read(paths.root, Withdrawal):
        found |= decision.replaced
    for old in found:
        while found[old] in found:
            found[old] = found[found[old]]
    return found


def put(paths: StudyPaths, data: bytes) -> str:
    """Keep bytes that were made here; returns their SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    if not is_kept(paths, sha256, len(data)):
        aside = paths.archive / f"{_ASIDE}{os.getpid()}"
        try:
            paths.archive.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as target:
                target.write(data)
                os.fsync(target.fileno())
            aside.chmod(0o400)
            aside.replace(paths.archive / sha256)
            _sync_folder(paths.archive)
        except OSError as error:
            raise _storage(paths, error) from None
    return sha256


def take_out(paths: StudyPaths, gone: Mapping[str, str]) -> None:
    """Put the new hash in the place of the old one in the index, and remove the old bytes: for an erasure alone. An
    entry without a new hash goes."""
    kept = [replace(e, sha256=gone.get(e.sha256, e.sha256)) for e in entries(paths)]
    lines = StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(FIELDS)
    for e in dict.fromkeys(e for e in kept if e.sha256):
        writer.writerow((e.path, e.sha256, e.wave or "", e.kind, e.received_at.isoformat()))
    aside = paths.archive / f"{_ASIDE}index"
    try:
        aside.write_text(lines.getvalue(), encoding="utf-8")
        aside.replace(paths.archive / INDEX)
        for sha256 in gone:
            (paths.archive / sha256).unlink(missing_ok=True)
        _sync_folder(paths.archive)
    except OSError as error:
        raise _storage(paths, error) from None


def verify(paths: StudyPaths) -> list[Reason]:
    """What is wrong with the archive: files of the index that are gone, and bytes that are no longer those received."""
    reasons = []
    for sha256, entry in {e.sha256: e for e in entries(paths)}.items():
        if not is_kept(paths, sha256):
            reasons.append(
                Reason(
                    "the archive has lost a file that was received",
                    "put it back from a backup, or hand in the same file again",
                    entry.path,
                )
            )
    if paths.archive.is_dir():
        for kept in sorted(paths.archive.iterdir()):
            if re.fullmatch(r"[0-9a-f]{64}", kept.name) and hash_of(kept) != kept.name:
                reasons.append(
                    Reason(
                        "a file in the archive has been changed", "put it back from a backup", f"archive/{kept.name}"
                    )
                )
    return reasons


def _copy(source: FileIO, target: BinaryIO) -> str:
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    while size := source.readinto(block):
        digest.update(block[:size])
        target.write(block[:size])
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _storage(paths: StudyPaths, error: OSError) -> StorageError:
    return cannot_write(error, paths.archive, what="cannot keep the file in the archive")
