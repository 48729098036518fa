"""What came before this report, and what was put on record beside it: the last run, what arrived since, who signed off,
the plan's history, and the evaluator's own texts."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from coprod_trust import decisions
from coprod_trust.decisions import SignOff
from coprod_trust.store import sql
from coprod_trust.store.paths import StudyPaths
from coprod_trust.study import Study


@dataclass(frozen=True)
class Before:
    """The run whose report this one follows."""

    run_id: str
    wave: str
    started_at: datetime
    finished_at: datetime
    version: str
    plan_hash: str
    input_hash: str | None


@dataclass(frozen=True)
class Difference:
    """A finding that is new, gone, or has moved since then."""

    finding_id: str
    status: str
    n_before: int | None
    n: int | None
    estimate_before: float | None
    estimate: float | None
    ci_low_before: float | None
    ci_low: float | None
    ci_high_before: float | None
    ci_high: float | None
    verdict_before: str | None
    verdict: str | None
    certainty_before: str | None
    certainty: str | None
    concluded_otherwise: bool


@dataclass(frozen=True)
class Arrival:
    """What came in since then: ``kind`` is new_wave, late_file, or the kind of decision; ``wave`` None: not of one."""

    kind: str
    wave: str | None
    n: int


@dataclass(frozen=True)
class Signed:
    """Somebody stands for the report of this wave. ``holds``: the findings are those that were signed."""

    who: str
    when: datetime
    holds: bool


@dataclass(frozen=True)
class PlanRecord:
    action: str
    plan_hash: str
    recorded_at: datetime
    who: str
    why: str
    changed: str | None
    data_seen: str | None


@dataclass(frozen=True)
class Deviation:
    kind: str
    subject: str
    planned: str
    done: str
    recorded: bool
    who: str | None
    why: str | None


@dataclass(frozen=True)
class StudyRecord:
    """All of it; empty where nothing was put on record. ``texts``: by language ('' for any) and name, as Markdown."""

    before: Before | None = None
    differences: tuple[Difference, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    signed: Signed | None = None
    plan: tuple[PlanRecord, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    texts: dict[tuple[str, str], str] = field(default_factory=dict)

    def text(self, name: str, language: str) -> str | None:
        """The evaluator's text of that name, in that language where there is one."""
        return self.texts.get((language, name)) or self.texts.get(("", name))

    def names(self) -> tuple[str, ...]:
        """The names of all texts."""
        return tuple(sorted({name for _, name in self.texts}))


def read_record(con: duckdb.DuckDBPyConnection, study: Study, wave: str, run_id: str, root: Path) -> StudyRecord:
    """From the working database and the study's folder, during the run that writes the report."""
    found = sql.run(con, "report/before", {"run_id": run_id, "wave": wave}).fetchone()
    before = Before(*found) if found else None
    columns = ", ".join(Difference.__dataclass_fields__)
    rows = con.execute(f"SELECT {columns} FROM difference ORDER BY status <> 'moved', finding_id").fetchall()
    plan = con.execute(
        "SELECT action, plan_hash, recorded_at, who, why, changed, data_seen FROM plan_record ORDER BY ordinal"
    ).fetchall()
    deviations = con.execute(
        "SELECT kind, subject, planned, done, recorded, who, why FROM deviation ORDER BY ALL"
    ).fetchall()
    return StudyRecord(
        before=before,
        differences=tuple(Difference(*row) for row in rows) if before else (),
        arrivals=_arrivals(con, study, before, root) if before else (),
        signed=_signed(con, wave, root),
        plan=tuple(PlanRecord(*row) for row in plan),
        deviations=tuple(Deviation(*row) for row in deviations),
        texts=_texts(root),
    )


def _arrivals(con: duckdb.DuckDBPyConnection, study: Study, before: Before, root: Path) -> tuple[Arrival, ...]:
    """Files received since that run ended, and decisions made since it began, by wave: the files that a run reads for
    the first time are received while it runs."""
    known = study.wave_ids.index(before.wave) if before.wave in study.wave_ids else -1
    counted: Counter[tuple[str, str | None]] = Counter()
    files = con.execute(
        "SELECT wave, count(*) FROM source_file WHERE received_at > ? AND kind = 'survey' AND status = 'imported' "
        "GROUP BY wave",
        [before.finished_at],
    ).fetchall()
    for wave, n in files:
        later = wave in study.wave_ids and study.wave_ids.index(wave) > known
        counted["new_wave" if later else "late_file", wave] += n
    for path in sorted(StudyPaths(root).decisions.glob("*.csv")):
        for wave in _decided_since(path, before.started_at):
            counted[path.stem, wave if wave in study.wave_ids else None] += 1
    return tuple(Arrival(kind, wave, n) for (kind, wave), n in counted.items())


def _decided_since(path: Path, moment: datetime) -> list[str | None]:
    """The wave of each line of a file of decisions that is later than ``moment``; who can read the file is not asked
    here: a line that cannot be read has stopped the run before."""
    found = []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.DictReader(handle):
            try:
                when = datetime.fromisoformat((row.get("when") or "").strip())
            except ValueError:
                continue
            if _utc(when) > _utc(moment):
                found.append(row.get("wave") or (row.get("source_id") or "").partition("__")[0] or None)
    return found


def _signed(con: duckdb.DuckDBPyConnection, wave: str, root: Path) -> Signed | None:
    """The last sign-off of this wave's report."""
    mine = [s for s in decisions.read(root, SignOff) if s.wave == wave]
    if not mine:
        return None
    last = max(mine, key=lambda s: _utc(s.when))
    row = sql.run(con, "report/signed", {"wave": wave, "signed_at": _utc(last.when)}).fetchone()
    return Signed(last.who, last.when, bool(row and row[0]))


def _texts(root: Path) -> dict[tuple[str, str], str]:
    """``text/<name>.md`` and ``text/<language>/<name>.md``."""
    folder = root / "text"
    found = {}
    for path in sorted(folder.rglob("*.md")):
        language = "" if path.parent == folder else path.parent.name
        text = path.read_text(encoding="utf-8-sig", errors="replace").strip()
        if text:
            found[language, path.stem] = text
    return found


def _utc(moment: datetime) -> datetime:
    """A time typed without a zone is taken for local time."""
    return moment.astimezone(UTC)
