"""The formats, and where an export is written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from coprod_trust.errors import Reason, StorageError, UsageError
from coprod_trust.study import load_study

FORMATS: Mapping[str, str] = {"qdpx": "coprod_trust.export.qdpx"}
"""Each format and the module whose ``build(root)`` makes it."""


@dataclass(frozen=True)
class Built:
    """The bytes of an export, and what its reader must know."""

    data: bytes
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exported:
    """Where it was written, and what its reader must know."""

    path: Path
    remarks: tuple[str, ...]


class Builder(Protocol):
    """A module that makes one format."""

    def build(self, root: Path) -> Built: ...


def export(root: Path, form: str, out: Path | None = None, force: bool = False) -> Exported:
    """Write the last publication in another format; the default place is ``exports/`` in the study.

    Raises StudyError where nothing was published, UsageError where the file is there already and ``force`` is not
    given (somebody may have worked on in it), StorageError where it cannot be written.
    """
    study = load_study(root)
    target = (out or root / "exports" / f"{study.study_id}.{form}").absolute()
    if target.exists() and not force:
        raise UsageError(
            Reason("the file is there already; nothing was written", "name another with --out, or add --force",
                   str(target))
        )  # fmt: skip
    module: Builder = import_module(FORMATS[form])
    built = module.build(root)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        with os.fdopen(handle, "wb") as file:
            file.write(built.data)
        Path(aside).replace(target)
    except OSError as error:
        raise StorageError(
            Reason(f"cannot write here: {error.strerror}", "free space, or name another place with --out", str(target))
        ) from None
    return Exported(target, built.remarks)
