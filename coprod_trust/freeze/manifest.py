"""The manifest of a frozen wave.

A row of a person has a keyed hash (HMAC-SHA-256 over its cells, with a random key of the person's own that lies in
keys.csv beside the manifest). The manifest itself holds no id: once the person's key is destroyed, nothing in it can be
tied to anybody, and every other row can still be proven.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust.errors import Reason, StudyError
from coprod_trust.store import columns_of, sql
from coprod_trust.store.paths import StudyPaths

MANIFEST = "manifest.json"
KEYS = "keys.csv"
ERASURES = "erasures.json"
INPUTS = "inputs"
DATA = "data"
# Where a row was found is no part of what it says: a revised file may hold it in another place.
PLACE = frozenset({"source_id", "row_number"})


@dataclass(frozen=True)
class FrozenTable:
    """The rows of one wave: the columns that are hashed, and the keyed hashes, sorted."""

    wave: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """Everything that a report of a wave was made from. ``files``, ``inputs``, ``data``, ``reports``: path, SHA-256."""

    format: int
    wave: str
    frozen_at: str
    version: str
    run_id: str
    input_hash: str
    plan_hash: str
    plan: str
    people: int
    tables: tuple[FrozenTable, ...]
    files: Mapping[str, str]
    inputs: Mapping[str, str]
    data: Mapping[str, str]
    reports: Mapping[str, str]

    @property
    def n_rows(self) -> int:
        return sum(len(t.rows) for t in self.tables)

    def text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Erasures:
    """What withdrawals took out since, without identity: rows by wave, people, and the files as they are now."""

    rows: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    data: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        return sum(self.rows.values())


@dataclass(frozen=True)
class Match:
    """Rows held against a manifest. ``changed``: known people whose row differs; ``added``: rows of people unknown to
    it; ``gone``: frozen rows that nobody has now, those erased or withdrawn left out."""

    matched: int
    changed: int
    added: int
    gone: int

    @property
    def different(self) -> int:
        return self.changed + self.added + self.gone


def folder_of(paths: StudyPaths, wave: str) -> Path:
    """Where the frozen wave lies."""
    return paths.frozen / wave


def file_hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def load_manifest(paths: StudyPaths, wave: str) -> Manifest:
    """Raises StudyError where it is not there or cannot be read."""
    path = folder_of(paths, wave) / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        tables = tuple(FrozenTable(t["wave"], tuple(t["columns"]), tuple(t["rows"])) for t in data.pop("tables"))
        return Manifest(tables=tables, **data)
    except (OSError, ValueError, KeyError, TypeError):
        raise StudyError(
            Reason(f"the manifest of frozen wave {wave} is missing or damaged", "put it back from a backup", str(path))
        ) from None


def load_erasures(paths: StudyPaths, wave: str) -> Erasures:
    path = folder_of(paths, wave) / ERASURES
    if not path.is_file():
        return Erasures()
    data = json.loads(path.read_text(encoding="utf-8"))
    return Erasures(**{**data, "files": tuple(data.get("files", ()))})


def load_keys(paths: StudyPaths, wave: str) -> dict[str, bytes]:
    """Participant id: key. Raises StudyError where the file is gone: then no row can be proven."""
    path = folder_of(paths, wave) / KEYS
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            return {row["participant_id"]: bytes.fromhex(row["key"]) for row in csv.DictReader(handle)}
    except (OSError, ValueError, KeyError):
        raise StudyError(
            Reason(f"the keys of frozen wave {wave} are missing or damaged", "put them back from a backup", str(path))
        ) from None


def write_keys(path: Path, keys: Mapping[str, bytes]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["participant_id", "key"])
        writer.writerows((person, keys[person].hex()) for person in sorted(keys))


def new_keys(people: Iterable[str]) -> dict[str, bytes]:
    return {person: secrets.token_bytes(32) for person in people}


def row_hash(key: bytes, wave: str, columns: Sequence[str], values: Sequence[Any]) -> str:
    """The keyed hash of one row: over its wave and each column with its value."""
    cells = [[name, _plain(value)] for name, value in zip(columns, values, strict=True)]
    return hmac.new(key, json.dumps([wave, cells], ensure_ascii=False).encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def answer_rows(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], known: Iterable[str]
) -> Iterator[tuple[str, list[Any]]]:
    """Each person with the values of these columns; None for a column that the relation no longer has."""
    there = set(known)
    names = ", ".join(sql.ident(c) if c in there else f"NULL AS {sql.ident(c)}" for c in columns)
    result = con.execute(f"SELECT participant_id, {names} FROM {relation}")
    while batch := result.fetchmany(10_000):
        for person, *values in batch:
            yield person, values


def hashed_columns(con: duckdb.DuckDBPyConnection, wave: str) -> list[str]:
    return [c for c in columns_of(con, "answer", wave) if c not in PLACE]


def match(
    table: FrozenTable,
    rows: Iterable[tuple[str, Sequence[Any]]],
    keys: Mapping[str, bytes],
    erased: int,
    withdrawn: frozenset[str] = frozenset(),
) -> Match:
    """Hold rows against those of the manifest. ``erased``: frozen rows whose people withdrew; ``withdrawn``: people
    left out since, whose keys are still there."""
    frozen = set(table.rows)
    matched = changed = added = absent = 0
    seen: set[str] = set()
    for person, values in rows:
        seen.add(person)
        key = keys.get(person)
        if key is None:
            added += 1
        elif row_hash(key, table.wave, table.columns, values) in frozen:
            matched += 1
        else:
            changed += 1
    absent = sum(1 for person in withdrawn if person in keys and person not in seen)
    gone = max(0, len(frozen) - matched - changed - erased - absent)
    return Match(matched, changed, added, gone)
