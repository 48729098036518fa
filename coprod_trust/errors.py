"""What can go wrong for a user, and the exit status each kind has.

An error says what is wrong, where, and how to fix it. It never carries a value found in a file: messages end up in
logs and in Prefect's database, and a value may identify a person. Values appear only in the output of ``check`` and
``quarantine``.
"""

from __future__ import annotations

import errno
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_BUSY = 3
EXIT_DEFECT = 70
EXIT_STOPPED = 130


@dataclass(frozen=True)
class Reason:
    """One reason for a refusal: where it is, what is wrong, and what to do about it."""

    message: str
    fix: str
    where: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}\n    fix: {self.fix}"


def quoted(path: Path) -> str:
    """A path as it can be pasted into a shell."""
    return shlex.quote(str(path))


def with_study(text: str, root: Path | None) -> str:
    """A message with the study's folder in the commands that it proposes, so that they can be pasted. What is stored
    says STUDY, as a folder may be moved and its path is nobody else's business."""
    return text if root is None else re.sub(r"(coprod-trust [a-z]+ )STUDY\b", lambda m: m[1] + quoted(root), text)


class UserError(Exception):
    """A mistake that the user can mend; printed without a traceback.

    ``transient`` says whether trying again later can help (a lock, a full disk): only such errors are retried.
    """

    exit_status = EXIT_REFUSED
    transient = False

    def __init__(self, *reasons: Reason) -> None:
        if not reasons:
            raise ValueError("a UserError needs at least one reason")
        self.reasons = reasons
        super().__init__("\n".join(str(r) for r in reasons))

    def __reduce__(self) -> tuple[Any, ...]:
        # Prefect pickles what a task raises; by default the text alone would come back as the one reason.
        return type(self), self.reasons


class StudyError(UserError):
    """study.yaml, the codebook or a decision file cannot be used as it is."""


class Refused(UserError):
    """A file handed in was refused; nothing of it was imported and the last publication stays."""


class UsageError(UserError):
    """A command was given arguments that do not fit."""

    exit_status = EXIT_USAGE


class Busy(UserError):
    """Another run holds the study."""

    exit_status = EXIT_BUSY
    transient = True


class StorageError(UserError):
    """The disk is full, or a folder cannot be written."""

    transient = True


class PathError(StorageError):
    """A path that leads through a file, or has too long a name: trying again does not help."""

    transient = False


_FULL, _CLOSED = "free space", "make the folder writable"
DISK = {
    errno.ENOSPC: ("no space is left on the disk", _FULL),
    errno.EDQUOT: ("the disk quota is used up", _FULL),
    errno.EFBIG: ("a file may not become this large here", _FULL),
    errno.EROFS: ("the file system is read-only", _CLOSED),
    errno.EACCES: ("permission denied", _CLOSED),
    errno.EPERM: ("permission denied", _CLOSED),
}
"""What a disk or folder refuses with, and what to do about it."""


def cannot_write(error: OSError, where: Path, or_else: str = "", what: str = "cannot write here") -> StorageError:
    """Why something could not be written at ``where``, and what helps against that; ``or_else`` is what helps beside
    it."""
    blocking = next((p for p in where.parents if p.exists() and not p.is_dir()), None)
    if blocking is not None:
        reason = Reason(f"{what}: {blocking} is a file, not a folder", or_else or "take it out of the way", str(where))
        return PathError(reason)
    if error.errno in (errno.ENAMETOOLONG, errno.EISDIR):
        return PathError(Reason(f"{what}: {_said(error)}", or_else or "shorten the path", str(where)))
    said, fix = DISK.get(error.errno or 0, (_said(error), f"{_FULL}, or {_CLOSED}"))
    return StorageError(Reason(f"{what}: {said}", f"{fix}, or {or_else}" if or_else else fix, str(where)))


def _said(error: OSError) -> str:
    return (error.strerror or "the disk refused")[:1].lower() + (error.strerror or "the disk refused")[1:]
