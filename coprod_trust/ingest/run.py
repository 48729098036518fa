"""One pass of the files of all waves through the gate, on one connection and in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from coprod_trust import clock
from coprod_trust.decisions import Release, read
from coprod_trust.errors import Reason, Refused
from coprod_trust.ingest import archive as store
from coprod_trust.ingest.answers import answer_query, write_answers, write_participants
from coprod_trust.ingest.catalogue import severities
from coprod_trust.ingest.gate import code_base, groups_of, read_codes
from coprod_trust.ingest.intake import KIND, Intake, intakes
from coprod_trust.ingest.layout import lay_out
from coprod_trust.ingest.ledger import Ledger
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.problem import FileRefused, Problem
from coprod_trust.ingest.readers import Staged, source_id_of, stage, wave_values
from coprod_trust.store import StudyPaths, sql
from coprod_trust.study import Study

ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_READING = ("path", "format", "delimiter", "decimal", "encoding", "sheet", "header_row", "layout", "item_column",
            "value_column", "wave_column", "wave_value", "expected_rows")  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What a pass found and wrote."""

    problems: tuple[Problem, ...]
    counts: dict[str, int]

    @property
    def refusals(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "refuse")


@dataclass(frozen=True)
class Prepared:
    """The files of a run as tables of text, before any of the study's tables is touched."""

    hashed: tuple[tuple[Intake, str], ...]  # with the SHA-256
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]


def prepare(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, wave: str) -> Prepared:
    """Stage the files of the waves up to ``wave``, outside any transaction: row numbers rest on the row ids of
    temporary tables, which count from 0 only once committed. What refuses a file is among the problems, so that all
    reasons come at once. Raises Refused where no wave has a file."""
    wanted = [i for w in study.waves_up_to(wave) for i in intakes(paths, study, w)]
    if not wanted:
        raise Refused(
            Reason(
                "no wave has a file yet",
                "put the files where study.yaml says (waves: files: path), or correct the paths",
                str(paths.root / "study.yaml"),
            )
        )
    hashed = tuple((i, store.hash_of(i.path)) for i in wanted)
    parts, problems = _stage(con, study, hashed)
    return Prepared(hashed, parts, problems)


def ingest(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, prepared: Prepared) -> Result:
    """Check what was prepared and write the tables of the ingest step; within a transaction. Refusals are among the
    problems of what is returned; the caller rolls back."""
    sql.run(con, "staging/clear")
    for schema, name, kind in con.execute(
        "SELECT schema_name, table_name, 'TABLE' FROM duckdb_tables() WHERE schema_name IN ('staging', 'answer') "
        "UNION ALL SELECT schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE schema_name IN ('staging', 'answer')"
    ).fetchall():
        con.execute(f"DROP {kind} {sql.ident(schema)}.{sql.ident(name)}")
    ledger = Ledger(con, severities(study), read(paths.root, Release))
    ledger.note(*prepared.problems)
    for p in prepared.parts:
        con.execute("INSERT INTO part VALUES (?, ?, ?, ?)", [p.source_id, p.name, p.wave, p.ordinal])
    if not ledger.refusals():
        _pass(con, study, prepared.parts, ledger)
    waves = {p.wave for p in prepared.parts}
    counts = {"files": len(prepared.hashed), "waves": len(waves), **_totals(con)}
    return Result(tuple(ledger.problems()), counts)


def _pass(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part], ledger: Ledger) -> None:
    by_base: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        by_base[part.base].append(part)
    for group in by_base.values():
        code_base(con, study, group)
    by_wave: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        part.groups = groups_of(study)
        part.formats = (part.intake.hints.date_format,) if part.intake.hints.date_format else ISO
        by_wave[part.wave].append(part)
    for wave, members in by_wave.items():
        queries = [
            answer_query(study, p, read_codes(con, study, p, ledger), held=True, relinked=False) for p in members
        ]
        write_answers(con, study, wave, queries, sum(p.staged.rows for p in members))
    waves = [w for w in study.wave_ids if w in by_wave]
    write_participants(con, study, waves)
    now = clock.now()
    for part in parts:
        sql.run(
            con,
            "staging/source_file",
            {
                "source_id": part.source_id,
                "sha256": part.staged.sha256,
                "name": part.name,
                "kind": KIND,
                "format": part.staged.format,
                "wave": part.wave,
                "rows_in": part.staged.rows,
                "header_row": part.staged.header_row,
                "received_at": now,
            },
        )
        con.executemany(
            "INSERT INTO source_column VALUES (?, ?, ?, ?, ?, ?)",
            [[part.source_id, u.position, u.name, u.column.label, u.role, u.target] for u in part.layout.uses],
        )
    sql.run(con, "staging/problem")


def _stage(
    con: duckdb.DuckDBPyConnection, study: Study, hashed: Sequence[tuple[Intake, str]]
) -> tuple[tuple[Part, ...], tuple[Problem, ...]]:
    staged: dict[tuple[str, ...], tuple[Staged, str]] = {}
    parts: list[Part] = []
    problems: list[Problem] = []
    levels = severities(study)
    for ordinal, (intake, sha256) in enumerate(hashed):
        key = (intake.name, *(str(getattr(intake.hints, f)) for f in _READING))
        try:
            if key not in staged:
                table = stage(
                    con, intake.path, intake.hints, name=intake.name, wave=intake.wave, kind=KIND, sha256=sha256,
                    severities=levels, id_column=study.ids.column, known_waves=wave_values(study, intake.hints),
                )  # fmt: skip
                staged[key] = table, f"f{len(staged) + 1}"
                problems += table.problems
        except FileRefused as refused:
            problems += refused.problems
            continue
        table, base = staged[key]
        layout = lay_out(study, intake.wave, intake.hints, table.columns)
        table = replace(table, source_id=source_id_of(intake.wave, KIND, sha256))
        parts.append(Part(intake, table, layout, base, ordinal))
    return tuple(parts), tuple(problems)


def _totals(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    row = con.execute(
        "SELECT sum(rows_in), sum(accepted), sum(quarantined), sum(duplicates), sum(blank), sum(withdrawn) "
        "FROM source_file WHERE kind = ?",
        [KIND],
    ).fetchone()
    names = ("rows_in", "accepted", "quarantined", "duplicates", "blank", "withdrawn")
    return {n: int(v or 0) for n, v in zip(names, row or (0,) * 6, strict=True)}


def archive(paths: StudyPaths, prepared: Prepared) -> None:
    """Keep the bytes of every file that was read. Raises Refused where a file changed since."""
    for intake, sha256 in prepared.hashed:
        if not intake.vanished and store.keep(paths, intake.path) != sha256:
            raise Refused(
                Reason("the file changed while it was read", "wait until it is written, then run again", intake.name)
            )


def record(con: duckdb.DuckDBPyConnection, paths: StudyPaths, prepared: Prepared) -> None:
    """Enter the files of the run into the archive's index as imported, and the day they came into source_file."""
    for intake, sha256 in prepared.hashed:
        entry = store.record(paths, intake.name, sha256, intake.wave, KIND)
        con.execute(
            "UPDATE source_file SET received_at = $at WHERE source_id = $id",
            {"at": entry.received_at, "id": source_id_of(intake.wave, KIND, sha256)},
        )


def record_refused(paths: StudyPaths, prepared: Prepared) -> None:
    """Enter what was read for nothing into the archive's index: it was received, and it was not imported."""
    imported = {(e.path, e.sha256, e.wave) for e in store.entries(paths) if e.kind == KIND}
    for intake, sha256 in prepared.hashed:
        if (intake.name, sha256, intake.wave) not in imported:
            store.record(paths, intake.name, sha256, intake.wave, "refused")
