"""How a study stands: its waves, its rows, the last run, what is due and what waits for a person.

Read from the study's folder and the published database alone, so that asking never disturbs a run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from coprod_trust import clock
from coprod_trust.decisions import Revision, read
from coprod_trust.due import DueWave, State, due_waves
from coprod_trust.errors import StudyError, quoted
from coprod_trust.freeze.guard import freezes
from coprod_trust.ingest.archive import entries, hash_of, replaced
from coprod_trust.ingest.intake import KIND
from coprod_trust.plan.record import plan_state
from coprod_trust.runner import archived_waves
from coprod_trust.store import StudyPaths
from coprod_trust.store.inputs import OWN_CHANGED, changed_inputs, files_of
from coprod_trust.store.query import published
from coprod_trust.study import Study, load_study

_ROWS = ("rows_in", "accepted", "quarantined", "duplicates", "blank", "withdrawn")


@dataclass(frozen=True)
class WaveStatus:
    """A wave by the study's dates, and the rows of its files in the published run (None: it is not in that run)."""

    wave: str
    label: str
    planned_date: date | None
    due_on: date | None
    state: str
    sentence: str
    missing: tuple[str, ...]
    rows: Mapping[str, int] | None


@dataclass(frozen=True)
class LastRun:
    """The run whose results are published."""

    run_id: str
    wave: str
    version: str
    finished_at: datetime


@dataclass(frozen=True)
class Status:
    """How a study stands today. ``changed`` names what differs from what the published run read; ``waiting`` says in
    sentences what waits for a person; ``unfinished``: a run began after the published one and has not ended."""

    study_id: str
    title: str
    today: date
    waves: tuple[WaveStatus, ...]
    last_run: LastRun | None
    unfinished: bool
    changed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """For JSON: the fields by their names; dates are left as dates."""
        return asdict(self)

    @property
    def _is_frozen(self) -> bool:
        """Whether what is published stays as it is whatever changes; a file that changed waits for a person then."""
        return any(w.wave == self.last_run.wave and w.state == "frozen" for w in self.waves if self.last_run)

    def lines(self) -> list[str]:
        """For a person."""
        lines = [f"{self.title} ({self.study_id}), {self.today}", ""]
        lines += columns(
            ("wave", "label", "planned", "rows in", "accepted", "quarantined", "how it stands"),
            [
                (
                    w.wave,
                    w.label,
                    str(w.planned_date or ""),
                    *(f"{w.rows[k]:,}" if w.rows else "" for k in ("rows_in", "accepted", "quarantined")),
                    w.sentence,
                )
                for w in self.waves
            ],
        )
        lines.append("")
        if self.last_run:
            lines.append(
                f"Last run: {self.last_run.run_id}, waves up to {self.last_run.wave}, "
                f"published {self.last_run.finished_at:%Y-%m-%d %H:%M} UTC."
            )
        else:
            lines.append("No run has been published yet.")
        if self.unfinished:
            lines.append("A run began and has not ended: it is at work, was refused, or was interrupted.")
        if self.changed and not self._is_frozen:
            lines.append(f"Changed since: {', '.join(self.changed)}.")
        lines.append("")
        lines += ["Waits for a person:", *(f"  - {w}" for w in self.waiting)] if self.waiting else ["Nothing waits."]
        return lines


def status(root: Path) -> Status:
    """How the study at ``root`` stands.

    Raises StudyError where study.yaml cannot be used, StorageError where the published database cannot be read.
    """
    root = Path(root)
    study, paths = load_study(root), StudyPaths(root)
    last_run: LastRun | None = None
    rows: dict[str, dict[str, int]] = {}
    changed: tuple[str, ...] = ()
    waiting: list[str] = []
    try:
        with published(root) as con:
            last_run = _last_run(con)
            rows = _rows(con)
            changed = changed_inputs(paths, study, con)
            waiting = _waiting(con, root)
    except StudyError:
        if paths.published.exists():
            raise
    archived = archived_waves(paths)
    missing = {
        w.id: [f.path for f in w.files if not any(p.is_file() for p in root.glob(f.path))]
        for w in study.waves
        if w.id not in archived
    }
    frozen = [wave for wave, (_, thawed) in freezes(root).items() if thawed is None]
    due = due_waves(study, missing, clock.today(), last_run.wave if last_run else None, bool(changed), frozen)
    not_in_use = _not_in_use(paths, study, frozen)
    return Status(
        study.study_id,
        study.title,
        clock.today(),
        tuple(_wave_status(study, d, rows.get(d.wave)) for d in due),
        last_run,
        paths.outbox.exists(),
        changed,
        tuple(
            clock_behind(last_run.finished_at if last_run else None)
            + _interrupted(paths)
            + not_in_use
            + _due_sentences(due, root, goes_through=not not_in_use)
            + _unused(due, last_run, changed, root)
            + _stray(paths, study)
            + _to_replace(paths)
            + _plan(root)
            + waiting
        ),
    )


def clock_behind(last: datetime | None) -> list[str]:
    """What to do where the last run ended after what the clock says now; nothing where it did not."""
    now = clock.now()
    if last is None or last <= now:
        return []
    return [
        f"the clock of this computer says {now:%Y-%m-%d %H:%M} UTC, before the end of the last run "
        f"({last:%Y-%m-%d %H:%M}): set it right and run again; until then answers dated later count as impossible"
    ]


def _interrupted(paths: StudyPaths) -> list[str]:
    from coprod_trust.withdraw.unfinished import place

    if not place(paths).is_file():
        return []
    return ["a withdrawal was interrupted, and what is published may still hold that person: give its command again"]


def _wave_status(study: Study, due: DueWave, rows: Mapping[str, int] | None) -> WaveStatus:
    return WaveStatus(
        due.wave,
        due.label,
        study.wave(due.wave).planned_date,
        due.due_on,
        due.state.name.lower(),
        due.sentence,
        due.missing,
        rows,
    )


def _last_run(con: duckdb.DuckDBPyConnection) -> LastRun | None:
    row = con.execute(
        "SELECT run_id, wave, version, epoch_us(finished_at) FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    run_id, wave, version, finished = row
    return LastRun(run_id, wave, version, datetime.fromtimestamp(finished / 1e6, UTC))


def _rows(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    sums = ", ".join(f"sum({name})::BIGINT" for name in _ROWS)
    found = con.execute(
        f"SELECT wave, {sums} FROM source_file WHERE kind = 'survey' AND status = 'imported' GROUP BY wave"
    ).fetchall()
    return {wave: dict(zip(_ROWS, numbers, strict=True)) for wave, *numbers in found}


def _waiting(con: duckdb.DuckDBPyConnection, root: Path) -> list[str]:
    """What the published run left for a person to decide."""
    sentences = [
        f"{n:,} {'row or cell waits' if n == 1 else 'rows or cells wait'} in quarantine"
        f"{f' at {wave}' if wave else ' from the notes'}; see: coprod-trust quarantine {quoted(root)}"
        for wave, n in con.execute(
            "SELECT wave, count(DISTINCT (sha256, row_number, column_name)) FROM quarantine WHERE status = 'open' "
            "GROUP BY wave ORDER BY wave"
        ).fetchall()
    ]
    sentences += [
        f"scale {scale} is not used at {wave}: {reason}"
        for scale, wave, reason in con.execute("SELECT scale, wave, reason FROM blocked_scale ORDER BY ALL").fetchall()
    ]
    return [*sentences, *_withdrawn_again(con, root)]


def _unused(due: tuple[DueWave, ...], last_run: LastRun | None, changed: tuple[str, ...], root: Path) -> list[str]:
    """Files that came or changed after the wave that is published was frozen: no run takes them in."""
    frozen = {d.wave for d in due if d.state is State.FROZEN}
    files = [name for name in changed if name != OWN_CHANGED]
    if last_run is None or last_run.wave not in frozen or not files:
        return []
    return [
        f"wave {last_run.wave} is frozen, and {', '.join(files)} changed since: put it back as it was; or allow it: "
        f"coprod-trust freeze {quoted(root)} {last_run.wave} --thaw --who NAME --why REASON"
    ]


def _not_in_use(paths: StudyPaths, study: Study, frozen: Collection[str]) -> list[str]:
    """Files that take the place of others without a word, and files that were refused: with either no run goes
    through. Those of frozen waves are told elsewhere."""
    received = [e for e in entries(paths) if e.kind in (KIND, "refused")]
    revised = {(r.path, r.sha256) for r in read(paths.root, Revision)}
    others, refused = [], []
    for wave in (w for w in study.waves if w.id not in frozen):
        for path in files_of(paths, wave):
            name, sha256 = path.relative_to(paths.root).as_posix(), hash_of(path)
            known = [e for e in received if (e.path, e.wave) == (name, wave.id)]
            imported = [e.sha256 for e in known if e.kind == KIND]
            if sha256 in imported or sha256 in replaced(paths):
                continue
            if imported and (name, sha256) not in revised:
                others.append(name)
            elif any(e.sha256 == sha256 for e in known):
                refused.append(name)
    sentences = [
        f"{name} is another file than the one that was imported: put that one back; or, if the sender revised it: "
        f"coprod-trust revise {quoted(paths.root)} {name} --who NAME --why REASON"
        for name in others
    ]
    if refused:
        sentences.append(
            f"not in use, as the run that read it was refused: {', '.join(refused)}; to see what is wrong and how "
            f"to mend it: coprod-trust check {quoted(paths.root)}"
        )
    return sentences


def _stray(paths: StudyPaths, study: Study) -> list[str]:
    """Files that lie in waves/ and that no wave reads: a late file under a name that study.yaml does not know."""
    read = {p for w in study.waves for p in files_of(paths, w)}
    strays = sorted(p for p in (paths.root / "waves").glob("*") if p.is_file() and p not in read)
    return [
        f"no wave reads {p.relative_to(paths.root)}: name it under files of its wave in study.yaml, or take it away"
        for p in strays
        if not p.name.startswith((".", "~$"))
    ]


def _withdrawn_again(con: duckdb.DuckDBPyConnection, root: Path) -> list[str]:
    """Files in which somebody who withdrew stands again."""
    rows = con.execute(
        "SELECT name, count(DISTINCT row_number) FROM problem WHERE rule = 'withdrawn-before' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return [
        f"{name} has {n} row{'s' if n > 1 else ''} of somebody who withdrew; nothing of them is used. To take them "
        f"out of the file and the archive: coprod-trust withdraw {quoted(root)} ID --who NAME --why REASON"
        for name, n in rows
    ]


def _to_replace(paths: StudyPaths) -> list[str]:
    """Files in waves/ and notes/ that still hold somebody who withdrew."""
    gone = replaced(paths)
    if not gone:
        return []
    files = [p for folder in ("waves", "notes") for p in sorted((paths.root / folder).rglob("*")) if p.is_file()]
    found = [(p.relative_to(paths.root), gone[h]) for p in files if (h := hash_of(p)) in gone]
    return [
        f"{name} still holds somebody who withdrew; "
        + (f"replace it by work/archive/{new}" if new else "take it away, or ask for it without that person")
        for name, new in found
    ]


def _plan(root: Path) -> list[str]:
    state = plan_state(root)
    if state.registered is None:
        return [f"the plan is not registered; to do so: coprod-trust plan {quoted(root)} --register --who NAME"]
    if state.unrecorded:
        settings = ", ".join(c.setting for c in state.unrecorded)
        return [
            f"the plan was changed without a record ({settings}): "
            f"coprod-trust plan {quoted(root)} --amend --who NAME --why REASON"
        ]
    return []


def _due_sentences(due: tuple[DueWave, ...], root: Path, goes_through: bool) -> list[str]:
    """What is due; how to run it only where a run would go through."""
    sentences = [f"wave {d.wave}: {d.sentence}" for d in due if d.state is State.WAITING]
    ready = [d for d in due if d.state is State.READY and goes_through]
    if len(ready) == 1:
        sentences.append(f"wave {ready[0].wave}: {ready[0].sentence}; to run it: {_run(root, ready[0])}")
    elif ready:
        named = ", ".join(f"{d.wave} ({d.sentence})" for d in ready)
        sentences.append(f"waves {named}; to run them together: {_run(root, ready[-1])}")
    return sentences


def _run(root: Path, due: DueWave) -> str:
    return f"coprod-trust run {quoted(root)} --wave {due.wave}"


def columns(names: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """A table for a person: the names, then the rows, in columns."""
    widths = [max(len(row[i]) for row in [names, *rows]) for i in range(len(names))]
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in [names, *rows]]
