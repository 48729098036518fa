"""Which steps need not be done again: what a step reads is held against what it read when its tables were made.

A step reads tables of the steps that it ``needs``, settings of study.yaml, and files of the study's folder, which its
module lists (``inputs``). Where none of it has changed, nor the program, its tables stay as they are: doing it again
would make the same ones. Its record is removed before it begins and written when it has ended, so that a step that was
interrupted is always done again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

import duckdb

from coprod_trust import __version__, clock
from coprod_trust.decisions import Decision, path_of
from coprod_trust.store import StudyPaths, sql
from coprod_trust.study import Study

Inputs = tuple[tuple[str, str], ...]
"""Name and content hash (or value) of each thing that a step reads beside tables and settings."""

_COMPUTED_BY = ("duckdb", "numpy", "scipy", "pandas", "statsmodels", "pingouin", "pyarrow", "pyreadstat")


class Kept(dict[str, int]):
    """The counts of a step that was not done again, as an earlier run counted them."""


def is_kept(counts: Mapping[str, int]) -> bool:
    """Whether these are the counts of a step that was not done again."""
    return isinstance(counts, Kept)


def fingerprint(
    con: duckdb.DuckDBPyConnection, study: Study, needs: Sequence[str], blind: Iterable[str], inputs: Inputs
) -> str | None:
    """SHA-256 of everything that a step reads; None where a step that it needs is not on record."""
    rows = con.execute("SELECT step, run_id FROM step_input WHERE list_contains($needs, step)", {"needs": list(needs)})
    made_by = dict(rows.fetchall())
    if set(made_by) != set(needs):
        return None
    settings = study.model_dump(mode="json", exclude=set(blind))
    read = {"program": program(), "settings": settings, "made_by": made_by, "inputs": sorted(inputs)}
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def record_of(con: duckdb.DuckDBPyConnection, step: str) -> tuple[str, Kept] | None:
    """The fingerprint of a step whose tables are whole, and what it counted."""
    row = con.execute("SELECT fingerprint, counts FROM step_input WHERE step = $step", {"step": step}).fetchone()
    return (row[0], Kept(json.loads(row[1]))) if row else None


def forget(con: duckdb.DuckDBPyConnection, step: str) -> None:
    """To be called before a step touches its tables."""
    con.execute("DELETE FROM step_input WHERE step = $step", {"step": step})


def remember(con: duckdb.DuckDBPyConnection, step: str, mark: str, run_id: str, counts: Mapping[str, int]) -> None:
    """To be called when a step has ended."""
    con.execute(
        "INSERT OR REPLACE INTO step_input (step, fingerprint, run_id, made_at, counts) VALUES (?, ?, ?, ?, ?)",
        [step, mark, run_id, clock.now(), json.dumps(dict(counts))],
    )


def as_it_lies(paths: StudyPaths) -> dict[str, tuple[int, ...]]:
    """Size, place and times of every file that people put into the study's folder: what changes while a step reads
    leaves no record of what it read."""
    ours = {paths.work, paths.published.parent, paths.reports}
    found: dict[str, tuple[int, ...]] = {}
    for top in paths.root.iterdir():
        if top not in ours:
            for path in (top, *top.rglob("*")) if top.is_dir() else (top,):
                status = path.stat()
                found[str(path)] = (status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
    return found


def files(root: Path, paths: Iterable[Path]) -> Inputs:
    """Those of the paths that are files, each by its place in the study's folder with its content hash."""
    return tuple(
        (path.relative_to(root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(set(paths))
        if path.is_file()
    )


def decisions(root: Path, *kinds: type[Decision]) -> Inputs:
    """The files of decisions of these kinds."""
    return files(root, [path_of(root, kind) for kind in kinds])


@cache
def program() -> str:
    """SHA-256 of what makes tables: this program's files as they are installed, Python, and the libraries."""
    digest = hashlib.sha256(f"{__version__} {sys.version}".encode())
    for folder, endings in ((Path(__file__).parent, (".py", ".toml", ".csv", ".txt")), (sql.sql_root(), (".sql",))):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in endings):
            found = path.stat()
            digest.update(f"{path.relative_to(folder)} {found.st_size} {found.st_mtime_ns}\n".encode())
    for library in _COMPUTED_BY:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()
