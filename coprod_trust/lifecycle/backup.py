"""A study in one file, with the hash of everything in it, and back again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

from coprod_trust import __version__, clock
from coprod_trust.errors import Reason, Refused, UsageError, cannot_write
from coprod_trust.store import StudyPaths, study_lock
from coprod_trust.store.copies import note_copy
from coprod_trust.study import load_study

CONTENTS = "backup.json"
FORMAT = 1
# What a run makes again, or what belongs to this computer alone.
LEFT_OUT = ("work/study.duckdb", "work/study.duckdb.wal", "work/study.lock", "work/logs", "work/outbox", "exports")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A backup that was written, or restored: where, how many files, and of when."""

    path: Path
    files: int
    made_at: str


def backup(root: Path, out: Path | None = None) -> Backup:
    """Write everything that cannot be made again, and what is published, into one zip.

    The default place is beside the study's folder. Raises UsageError where that file is there or lies inside the study,
    StorageError where it cannot be written, Busy where a run holds the study.
    """
    study, paths = load_study(root), StudyPaths(root)
    made_at = clock.now()
    target = (out or root.parent / f"{study.study_id}-{made_at:%Y%m%dT%H%M%SZ}.zip").absolute()
    if target.exists():
        raise UsageError(
            Reason("the file is there already; nothing was written", "name another with --out", str(target))
        )
    if root in target.parents:
        raise UsageError(Reason("a backup inside the study would be lost with it", "name another place with --out"))
    with study_lock(paths):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
            os.close(handle)
            aside = Path(name)
            try:
                hashes = _write(root, aside, made_at.isoformat(), study.study_id)
                with aside.open("rb") as written:
                    os.fsync(written.fileno())
                    sha256 = hashlib.file_digest(written, "sha256").hexdigest()
                aside.replace(target)
            finally:
                aside.unlink(missing_ok=True)
            note_copy(paths, "backup", target, sha256)
        except OSError as error:
            raise cannot_write(error, target, "name another place with --out") from None
    return Backup(target, len(hashes), made_at.isoformat())


def _write(root: Path, target: Path, made_at: str, study_id: str) -> dict[str, str]:
    hashes: dict[str, str] = {}
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=6, allowZip64=True) as archive:
        for name, path in _files(root):
            digest = hashlib.sha256()
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as entry:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    entry.write(block)
            hashes[name] = digest.hexdigest()
        contents = {"format": FORMAT, "study_id": study_id, "made_at": made_at, "version": __version__, "files": hashes}
        archive.writestr(CONTENTS, json.dumps(contents, indent=1, sort_keys=True))
    return hashes


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink()):
        name = path.relative_to(root).as_posix()
        if not any(name == out or name.startswith(f"{out}/") for out in LEFT_OUT) and not path.name.startswith("~$"):
            yield name, path


def restore(root: Path, file: Path) -> Backup:
    """Put a backup back into a new or empty folder, whole or not at all.

    Raises UsageError where the folder holds anything, Refused where the file is no backup or is damaged, StorageError
    where the folder cannot be written.
    """
    root = root.absolute()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            Reason("the folder is not empty; nothing was written", "name a new folder, and compare the two", str(root))
        )
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".coprod-trust-", dir=root.parent) as aside:
            built = Path(aside) / "study"
            made_at, files = _read(file, built)
            load_study(built)
            if root.exists():
                root.rmdir()
            shutil.move(str(built), str(root))
    except OSError as error:
        raise cannot_write(error, root, "name another folder") from None
    return Backup(root, files, made_at)


def _read(file: Path, target: Path) -> tuple[str, int]:
    try:
        with ZipFile(file) as archive:
            contents = json.loads(archive.read(CONTENTS))
            if contents["format"] != FORMAT:
                raise Refused(
                    Reason("the backup was made by a newer version of coprod-trust", "install that version", str(file))
                )
            hashes: dict[str, str] = contents["files"]
            for name, sha256 in hashes.items():
                place = PurePosixPath(name)
                if place.is_absolute() or ".." in place.parts:
                    raise KeyError(name)
                path = target / place
                path.parent.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256()
                with archive.open(name) as entry, path.open("xb") as out:
                    while block := entry.read(_BLOCK):
                        digest.update(block)
                        out.write(block)
                if digest.hexdigest() != sha256:
                    raise BadZipFile(name)
                if name.startswith("work/archive/") and len(path.name) == 64:
                    path.chmod(0o400)
                elif name.startswith("published/"):
                    path.chmod(0o444)
            return str(contents["made_at"]), len(hashes)
    except (BadZipFile, ZlibError, KeyError, ValueError, TypeError, EOFError):
        raise Refused(
            Reason("the file is no backup of coprod-trust, or it is damaged", "take another copy of it", str(file))
        ) from None
