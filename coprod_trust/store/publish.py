"""Builds the published database aside and moves it and the reports into place.

Readers that have the old file open keep it; whoever opens the name afterwards sees the new one. Nothing is ever
written into a file that has been published.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust import __version__, clock
from coprod_trust.analysis.rules import RELIABLE_CHANGE_CRITERION
from coprod_trust.errors import Reason, StorageError, cannot_write
from coprod_trust.score.panel import panel_scales
from coprod_trust.store import sql
from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.record import stray_wal
from coprod_trust.store.work import configure, let_go, open_work, settings, transaction
from coprod_trust.study import Study, plan_hash
from coprod_trust.study.contrasts import contrasts_of

STORAGE_VERSION = "v1.4.0"
"""The oldest format that has all we need: DuckDB 1.4 and later read it."""

TABLES: tuple[str, ...] = (
    "study",
    "participant",
    "wave",
    "scale",
    "item",
    "event",
    "answer",
    "panel",
    "score_wide",
    "response",
    "score",
    "comparability",
    "reliability",
    "wave_mean",
    "measurement_error",
    "balance",
    "change",
    "finding",
    "estimate",
    "cross_check",
    "simple_slope",
    "item_change",
    "scale_end",
    "starting_level",
    "reliable_change",
    "team_likeness",
    "invariance",
    "finding_history",
    "difference",
    "run",
    "source_file",
    "source_row",
    "source_column",
    "problem",
    "quarantine",
    "blocked_scale",
    "flagged_answer",
    "code",
    "code_version",
    "code_mapping",
    "document",
    "roster",
    "guide",
    "segment",
    "coding",
    "segment_coder",
    "segment_code",
    "coder_agreement",
    "boundary_agreement",
    "interviewed",
    "participant_code",
    "code_trajectory",
    "evidence",
    "meta_inference",
    "dictionary",
    "plan_record",
    "frozen_wave",
    "deviation",
    "code_change",
    "case_summary",
    "case_element",
    "model_link",
    "narrative",
    "appraisal",
    "saturation",
    "case_selection",
    "filter_audit",
    "passage",
)
"""``sql/published/<name>.sql``, in an order in which each finds what it is built on."""


def refuse_stray_wal(paths: StudyPaths) -> None:
    """Raises StorageError where a write-ahead log lies beside the published name: it would spoil the next file."""
    wal = stray_wal(paths)
    if wal is not None:
        raise StorageError(
            Reason(
                "a program has written into the published database, or tried to",
                "close that program and delete this file; the database itself is made anew by the run",
                str(wal),
            )
        )


def prepare(paths: StudyPaths, study: Study, wave: str, run_id: str) -> None:
    """Append the run's findings to the history and build the database aside, as ready to be put in place."""
    with open_work(paths) as con, transaction(con):
        sql.run(con, "run/append_history", {"run_id": run_id, "wave": wave})
        row = con.execute("SELECT epoch_us(started_at) FROM run WHERE run_id = ?", [run_id]).fetchone()
    started = datetime.fromtimestamp(row[0] / 1e6, UTC) if row else clock.now()
    build(paths, study, wave, run_id, max(clock.now(), started))  # the clock may have been set back


def finished_at(paths: StudyPaths, run_id: str) -> datetime:
    """The moment that the built database gives as the end of its run."""
    with duckdb.connect(str(paths.outbox / paths.published.name), read_only=True) as con:
        row = con.execute("SELECT finished_at FROM run WHERE run_id = ?", [run_id]).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def build(paths: StudyPaths, study: Study, wave: str, run_id: str, finished_at: datetime) -> Path:
    """Build ``outbox/trust.duckdb`` from the working database, which nobody may have open; returns its path."""
    target = paths.outbox / paths.published.name
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (target, target.with_name(target.name + ".wal")):
        leftover.unlink(missing_ok=True)
    let_go(paths)
    usual = settings(paths.database.stat().st_size)
    con = duckdb.connect(str(target), config={**usual, "storage_compatibility_version": STORAGE_VERSION})
    try:
        configure(con)
        con.execute(f"ATTACH {sql.text(str(paths.database))} AS work (READ_ONLY)")
        values = {"run_id": run_id, "finished_at": finished_at, "plan_hash": plan_hash(study), "version": __version__}
        names = _names(con, study, wave)
        with transaction(con):
            for table in TABLES:
                sql.run(con, f"published/{table}", values, **names)
        con.execute("DETACH work")
        con.execute("CHECKPOINT")
    finally:
        con.close()
    target.chmod(0o444)
    return target


def move_database(paths: StudyPaths) -> None:
    """Put the built database in place of the published one, at once and for good."""
    refuse_stray_wal(paths)
    move(paths.outbox / paths.published.name, paths.published)


def move_reports(paths: StudyPaths) -> int:
    """Put every file of the outbox's reports in its place; returns their number.

    What an earlier run wrote into the same edition and this one did not write is removed: a page that nobody renews
    would be read as if it were current.
    """
    source = paths.outbox / "reports"
    files = sorted(p for p in source.rglob("*") if p.is_file())
    for edition in {f.parent for f in files}:
        target = paths.reports / edition.relative_to(source)
        current = {f.name for f in edition.iterdir()}
        for old in (*target.glob("report.*"), *target.glob("parts.*")):
            if old.is_file() and old.name not in current:
                old.unlink()
    for file in files:
        move(file, paths.reports / file.relative_to(source))
    return len(files)


def move(source: Path, target: Path) -> None:
    """Put a file in the place of another, as a whole and for good. Raises StorageError where that cannot be done."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as handle:
            os.fsync(handle.fileno())
        source.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise cannot_write(
            error, target, "keep work/, published/ and reports/ on one disk", "cannot put the new file in its place"
        ) from None


def _names(con: duckdb.DuckDBPyConnection, study: Study, wave: str) -> dict[str, Any]:
    """The names of columns and tables that depend on the study, for the templates in ``sql/published``."""
    withheld = {c.id for c in study.covariates if c.kind == "text"}
    comments = _Comments(study)
    columns = _work_columns(con)
    participant = [c for c in columns["main", "participant"] if c not in withheld]
    wide = [c for c in columns["panel", "score_wide"] if c.split("__")[0] not in withheld]
    blocked = set(con.execute("SELECT scale, wave FROM work.blocked_scale").fetchall())
    waves = []
    responses = []
    for w in (w.id for w in study.waves_up_to(wave)):
        answers = [c for c in columns["answer", w] if c not in withheld]
        if not answers:
            continue
        panel = columns["panel", w]
        panel_of = panel_scales(study, w, answers, blocked)
        scales = [
            {"id": s.id, "dimension": s.dimension.value if s.dimension else None, "n_items": len(s.items), "panel": p}
            for s, p in zip(study.scored_in(w), panel_of, strict=True)
        ]
        waves.append(
            {
                "id": w,
                "scales": scales,
                "panel_scales": panel_of,
                "answer_columns": answers,
                "answer_comments": comments.of(answers),
                "panel_comments": comments.of(panel),
            }
        )
        responses += [
            {"wave": w, "scale": s.id, "item": i.id} for s in study.scales for i in s.items if i.id in answers
        ]
    return {
        "study": study,
        "criterion": RELIABLE_CHANGE_CRITERION,
        "waves": waves,
        "responses": responses,
        "changes": _changes(con, study, [str(w["id"]) for w in waves]),
        "participant_columns": participant,
        "participant_comments": comments.of(participant),
        "score_wide_columns": wide,
        "score_wide_comments": comments.of(wide),
    }


def _work_columns(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """The columns of every table of the working database, by schema and table; asked once, as each asking costs."""
    columns: dict[tuple[str, str], list[str]] = defaultdict(list)
    for schema, table, column in con.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'work' "
        "ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        columns[schema, table].append(column)
    return columns


def _changes(con: duckdb.DuckDBPyConnection, study: Study, waves: Sequence[str]) -> list[dict[str, str | None]]:
    """The contrasts of each scored scale that the gate of comparison lets through."""
    comparable = set(
        con.execute("SELECT scale, wave_from, wave_to FROM work.comparability WHERE comparable").fetchall()
    )
    return [
        {
            "scale": s.id,
            "dimension": s.dimension.value if s.dimension else None,
            "wave_from": c.wave_from,
            "wave_to": c.wave_to,
        }
        for s in study.scales
        if s.scored
        for c in contrasts_of(study, s, tuple(waves))
        if (s.id, c.wave_from, c.wave_to) in comparable
    ]


class _Comments:
    """What each column of the wide tables means, by its name."""

    def __init__(self, study: Study) -> None:
        self.fixed = {
            "participant_id": "The person, under the study's own id.",
            "study_group": "The person's group.",
            "first_wave": "First wave with an accepted row.",
            "last_wave": "Last wave with an accepted row, up to this run's.",
            "n_waves": "Number of waves with an accepted row.",
            "entry_reason": "Why the person entered when they did, as declared.",
            "exit_reason": "Why the person left, as declared.",
            "source_id": "The file that the row comes from (table source_file).",
            "row_number": "Row of that file as a spreadsheet counts, the header's included.",
            "response_date": "When the person answered.",
            "mode": "How the person answered.",
        }
        self.labels = {c.id: c.label or c.id for c in study.covariates}
        self.labels |= {i.id: i.wording or i.id for s in study.scales for i in s.items}
        self.labels |= {s.id: s.label for s in study.scales}
        self.waves = set(study.wave_ids)

    def of(self, columns: Sequence[str]) -> Mapping[str, str]:
        return {c: self._one(c) for c in columns}

    def _one(self, column: str) -> str:
        if column in self.fixed:
            return self.fixed[column]
        name, _, part = column.partition("__")
        label = self.labels.get(name, name)
        parts = {
            "": f"{label}.",
            "reason": f"{label}: why there is no answer or score.",
            "mean": f"{label}: mean of the answered items, in the unit of the answer scale, reversed items turned.",
            "pomp": f"{label}: percent of maximum possible (0 to 100).",
            "n": f"{label}: number of items answered.",
        }
        if part in parts:
            return parts[part]
        return f"{label}, at {part}." if part in self.waves else f"{label}, {part}."
