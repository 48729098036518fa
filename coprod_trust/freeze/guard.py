"""What is frozen now, and the refusal of a run that would change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from coprod_trust.decisions import Freeze, read
from coprod_trust.errors import Reason, Refused, quoted
from coprod_trust.freeze.manifest import (
    Match,
    answer_rows,
    hashed_columns,
    load_erasures,
    load_keys,
    load_manifest,
    match,
)
from coprod_trust.store.paths import StudyPaths
from coprod_trust.study import Study

_rebuilding: ContextVar[bool] = ContextVar("rebuilding", default=False)


@contextmanager
def rebuilding() -> Iterator[None]:
    """Let runs renew what is frozen: an erasure takes a person out of it."""
    token = _rebuilding.set(True)
    try:
        yield
    finally:
        _rebuilding.reset(token)


def is_rebuilding() -> bool:
    """Whether what is frozen may be renewed now."""
    return _rebuilding.get()


def freezes(root: Path) -> dict[str, tuple[Freeze, Freeze | None]]:
    """Wave: its last freeze, and the thaw after it if there is one."""
    found: dict[str, tuple[Freeze, Freeze | None]] = {}
    for decision in read(root, Freeze):
        if decision.action == "freeze":
            found[decision.wave] = (decision, None)
        elif decision.wave in found:
            found[decision.wave] = (found[decision.wave][0], decision)
    return found


def refuse_frozen_report(paths: StudyPaths, wave: str) -> None:
    """Raises Refused where the report of this very wave is frozen: running it again would replace it."""
    frozen = freezes(paths.root).get(wave)
    if frozen is not None and frozen[1] is None and not _rebuilding.get():
        raise Refused(
            Reason(
                f"wave {wave} is frozen, and its report stays as it is",
                f"name a later wave with --wave; or allow it: {thawing(paths, wave)}",
                str(paths.frozen / wave),
            )
        )


def thawing(paths: StudyPaths, wave: str) -> str:
    return f"coprod-trust freeze {quoted(paths.root)} {wave} --thaw --who NAME --why REASON"


def guard(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, wave: str) -> None:
    """Hold the answers of this run against every frozen wave and fill ``frozen_wave``; within the step's transaction.

    Raises Refused with a reason a wave where rows of a frozen one would be added, changed or gone.
    """
    con.execute("DELETE FROM frozen_wave")
    here = [w.id for w in study.waves_up_to(wave)]
    reasons: list[Reason] = []
    for frozen, (decision, thaw) in freezes(paths.root).items():
        if frozen not in here:
            continue
        manifest, erasures = load_manifest(paths, frozen), load_erasures(paths, frozen)
        by_wave = compare(con, paths, frozen)
        different = sum(m.different for m in by_wave.values())
        if different and thaw is None and not _rebuilding.get():
            told = [
                f"{w}: {m.changed} changed, {m.added} added, {m.gone} gone" for w, m in by_wave.items() if m.different
            ]
            reasons.append(
                Reason(
                    f"wave {frozen} is frozen, and this run would change its rows ({'; '.join(told)})",
                    f"undo what changed since; or allow it by name: {thawing(paths, frozen)}",
                    str(paths.frozen / frozen),
                )
            )
        held = thaw or decision
        con.execute(
            "INSERT INTO frozen_wave VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [frozen, "thawed" if thaw else "frozen", _moment(manifest.frozen_at), decision.manifest, manifest.n_rows,
             erasures.n_rows, different, held.who, held.why],
        )  # fmt: skip
    if reasons:
        raise Refused(*reasons)


def compare(con: duckdb.DuckDBPyConnection, paths: StudyPaths, frozen: str) -> dict[str, Match]:
    """The answers in the working database against those of a frozen wave, by wave."""
    manifest, erasures, keys = load_manifest(paths, frozen), load_erasures(paths, frozen), load_keys(paths, frozen)
    left = frozenset(p for (p,) in con.execute("SELECT participant_id FROM withdrawn_participant").fetchall())
    found: dict[str, Match] = {}
    for table in manifest.tables:
        known = hashed_columns(con, table.wave)
        rows = answer_rows(con, f'answer."{table.wave}"', table.columns, known) if known else iter(())
        found[table.wave] = match(table, rows, keys, erasures.rows.get(table.wave, 0), left)
    return found


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
