"""The formats, and where an export is written."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from coprod_trust.errors import Reason, UsageError, cannot_write
from coprod_trust.store.copies import note_copy
from coprod_trust.store.paths import StudyPaths
from coprod_trust.study import load_study

FORMATS: Mapping[str, str] = {
    "qdpx": "coprod_trust.export.qdpx",
    **dict.fromkeys(("parquet", "csv", "sav", "dta"), "coprod_trust.export.tables"),
    "html": "coprod_trust.export.dictionary",
}
"""Each format and the module whose ``build(root, form, table)`` makes it."""
TABLES = ("parquet", "csv", "sav", "dta")


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

    def build(self, root: Path, form: str, table: str | None) -> Built: ...


def export(root: Path, form: str, out: Path | None = None, force: bool = False, table: str | None = None) -> Exported:
    """Write the last publication in another format; the default place is ``exports/`` in the study.

    ``table`` names a published table for the formats of tables; None: the wide table of people.

    Raises StudyError where nothing was published, UsageError where the file is there already and ``force`` is not
    given (somebody may have worked on in it), StorageError where it cannot be written.
    """
    study = load_study(root)
    if table is not None and form not in TABLES:
        raise UsageError(Reason(f"{form} holds no single table", f"leave --table out, or choose {', '.join(TABLES)}"))
    name = f"{study.study_id}.{table}" if table else study.study_id
    target = (out or root / "exports" / f"{name}.{form}").absolute()
    if target.exists() and not force:
        raise UsageError(
            Reason("the file is there already; nothing was written", "name another with --out, or add --force",
                   str(target))
        )  # fmt: skip
    module: Builder = import_module(FORMATS[form])
    built = module.build(root, form, table)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(built.data)
            Path(aside).replace(target)
        finally:
            Path(aside).unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(error, target, "name another place with --out") from None
    note_copy(StudyPaths(root), "export", target, hashlib.sha256(built.data).hexdigest())
    return Exported(target, built.remarks)
