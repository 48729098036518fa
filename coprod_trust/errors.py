"""What can go wrong for a user, and the exit status each kind has.

An error says what is wrong, where, and how to fix it. It never carries a value found in a file: messages end up in
logs and in Prefect's database, and a value may identify a person. Values appear only in the output of ``check`` and
``quarantine``.
"""

from __future__ import annotations

from dataclasses import dataclass
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
