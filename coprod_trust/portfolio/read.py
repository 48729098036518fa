"""What each study of a portfolio has published, read from its own database and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust.errors import Reason, StorageError, UserError, quoted
from coprod_trust.portfolio.declare import Listed
from coprod_trust.store import StudyPaths, sql
from coprod_trust.store.inputs import changed_inputs
from coprod_trust.store.query import published
from coprod_trust.study import load_study


@dataclass(frozen=True)
class Change:
    """The change of one dimension from its first wave, over ``months``, as the study's primary method has it. Changes
    are in POMP points; ``declined`` says why there is none."""

    study: str
    finding_id: str
    dimension: str
    scale: str
    label: str
    months: float
    n_start: int | None
    n: int | None
    estimate: float | None
    std_error: float | None
    df: float | None
    p_value: float | None
    p_adjusted: float | None
    ci_low: float | None
    ci_high: float | None
    mean_from: float | None
    mean_to: float | None
    method: str | None
    estimand: str
    verdict: str | None
    certainty: str | None
    exploratory: bool
    declined: str | None


@dataclass(frozen=True)
class Instrument:
    """A scale as it was asked: the ends of its answers, and its items by their wording (their id where none is
    declared) and whether they are reversed."""

    low: float
    high: float
    items: frozenset[tuple[str, bool]]


@dataclass(frozen=True)
class Standing:
    """The run that a study has published. ``changed`` names what has changed in its folder since."""

    run_id: str
    wave: str
    wave_label: str
    finished_at: datetime
    version: str
    plan_hash: str
    n_participants: int
    n_quarantined: int
    changed: tuple[str, ...]


@dataclass(frozen=True)
class StudyRead:
    """A study of the portfolio. ``standing`` is None where nothing is published; ``reasons`` say what stands in the
    way then. ``files`` are the SHA-256 of the survey files that it read; ``bound`` is its plan's."""

    key: str
    root: Path
    study_id: str
    label: str
    synthetic: str | None = None
    bound: float | None = None
    standing: Standing | None = None
    reasons: tuple[Reason, ...] = ()
    changes: tuple[Change, ...] = ()
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    files: frozenset[str] = frozenset()


def read_study(listed: Listed) -> StudyRead:
    """What the study published; never raises for one study's sake."""
    try:
        study = load_study(listed.root)
    except UserError as error:
        return StudyRead(listed.key, listed.root, "", listed.label or listed.key, reasons=error.reasons)
    bare = StudyRead(
        listed.key,
        listed.root,
        study.study_id,
        listed.label or study.title,
        synthetic=study.synthetic,
        bound=study.plan.equivalence_bound,
    )
    if not StudyPaths(listed.root).published.is_file():
        return bare
    try:
        with published(listed.root) as con:
            return _read(con, bare, changed_inputs(StudyPaths(listed.root), study, con))
    except UserError as error:
        return replace(bare, reasons=error.reasons)
    except duckdb.Error:
        older = StorageError(
            Reason(
                "the published database was made by another version of coprod-trust",
                f"make it anew: coprod-trust run {quoted(listed.root)}",
                str(StudyPaths(listed.root).published),
            )
        )
        return replace(bare, reasons=older.reasons)


def _read(con: duckdb.DuckDBPyConnection, bare: StudyRead, changed: tuple[str, ...]) -> StudyRead:
    (row,) = _rows(con, "standing") or (None,)
    if row is None:
        return bare
    return replace(
        bare,
        synthetic=row["synthetic"],
        standing=Standing(
            run_id=row["run_id"],
            wave=row["wave"],
            wave_label=row["wave_label"] or row["wave"],
            finished_at=datetime.fromtimestamp(row["finished_at"] / 1e6, UTC),
            version=row["version"],
            plan_hash=row["plan_hash"],
            n_participants=row["n_participants"],
            n_quarantined=row["n_quarantined"],
            changed=changed,
        ),
        changes=tuple(Change(study=bare.key, **r) for r in _rows(con, "changes")),
        instruments=_instruments(con),
        files=frozenset(
            sha for (sha,) in con.execute(
                "SELECT DISTINCT sha256 FROM source_file WHERE kind = 'survey' AND status = 'imported'"
            ).fetchall()
        ),
    )  # fmt: skip


def _instruments(con: duckdb.DuckDBPyConnection) -> dict[str, Instrument]:
    items: dict[str, set[tuple[str, bool]]] = {}
    ends: dict[str, tuple[float, float]] = {}
    for r in _rows(con, "instrument"):
        items.setdefault(r["dimension"], set()).add((_plain(r["wording"]) or r["item"], bool(r["reverse"])))
        ends[r["dimension"]] = (r["low"], r["high"])
    return {d: Instrument(*ends[d], frozenset(found)) for d, found in items.items()}


def _plain(wording: str) -> str:
    """A wording without what does not make another question: case, spaces and the stop at its end."""
    return re.sub(r"\s+", " ", wording).strip().rstrip(".?!").casefold()


def _rows(con: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    found = sql.run(con, f"portfolio/{name}")
    names = [d[0] for d in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
