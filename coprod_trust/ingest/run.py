"""One pass of the files of all waves through the gate, on one connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import duckdb

from coprod_trust import clock
from coprod_trust.decisions import Correction, Link, Release, Revision, read
from coprod_trust.errors import Reason, Refused
from coprod_trust.ingest import archive as store
from coprod_trust.ingest import columns, dates, patterns, people, rows
from coprod_trust.ingest.answers import answer_query, write_answers, write_participants
from coprod_trust.ingest.catalogue import RULES, severities
from coprod_trust.ingest.erased import Erased, erased
from coprod_trust.ingest.fields import Field
from coprod_trust.ingest.files import Hashed, file_rules
from coprod_trust.ingest.gate import code_base, code_texts, groups_of, probe_ids
from coprod_trust.ingest.intake import KIND, Intake, intakes
from coprod_trust.ingest.invariant import assert_invariant
from coprod_trust.ingest.items import hold_cells, read_codes
from coprod_trust.ingest.layout import key_of, lay_out
from coprod_trust.ingest.ledger import Ledger, Wording
from coprod_trust.ingest.links import apply_links
from coprod_trust.ingest.overlay import lay_over
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.problem import FileRefused, LateRefusal, Problem
from coprod_trust.ingest.readers import Staged, csv_file, csv_text, source_id_of, stage, wave_values
from coprod_trust.ingest.texts import text_rules
from coprod_trust.store import StudyPaths, sql
from coprod_trust.study import Severity, Study

_READING = ("path", "format", "preset", "repeat", "delimiter", "decimal", "encoding", "sheet", "header_row", "layout",
            "item_column", "value_column", "wave_column", "wave_value", "expected_rows")  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """The files of a run as tables of text, before any of the study's tables is touched."""

    hashed: tuple[Hashed, ...]
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    erased: Erased

    @property
    def refused(self) -> bool:
        return any(p.severity is Severity.REFUSE for p in self.problems)


@dataclass(frozen=True)
class Result:
    """What a pass found and wrote."""

    problems: tuple[Problem, ...]
    counts: dict[str, int]

    @property
    def refusals(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.REFUSE)


def prepare(
    con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, wave: str, keep: bool, as_views: bool = True
) -> Prepared:
    """Stage the files of the waves up to ``wave``, outside any transaction: row numbers rest on the row ids of
    temporary tables, which count from 0 only once committed. What refuses a file is among the problems, so that all
    reasons come at once. With ``keep`` the originals go into the archive first and are read from there, so that a
    file that changes meanwhile does no harm. Raises Refused where no wave has a file."""
    levels = severities(study)
    wanted = [i for w in study.waves_up_to(wave) for i in intakes(paths, study, w)]
    if not wanted:
        raise Refused(
            Reason(
                "no wave has a file yet",
                "put the files where study.yaml says (waves: files: path), or correct the paths",
                str(paths.root / "study.yaml"),
            )
        )
    hashes = _hashes(paths, wanted, keep)
    everything = tuple(
        (
            replace(i, path=store.kept_path(paths, hashes[i.path]))
            if keep or store.is_kept(paths, hashes[i.path])
            else i,
            hashes[i.path],
        )
        for i in wanted
        if hashes[i.path]
    )
    hashed, problems = file_rules(paths, everything, read(paths.root, Revision), levels)
    parts, refusals = _stage(con, study, hashed, levels, as_views)
    before = erased(paths, study, [sha256 for _, sha256 in hashed])
    return Prepared(everything, parts, (*problems, *refusals), before)


def hashes(paths: StudyPaths, study: Study, wave: str) -> list[Hashed]:
    """The survey files of the waves up to ``wave`` that a run would read now, each with the hash of its content."""
    wanted = [i for w in study.waves_up_to(wave) for i in intakes(paths, study, w)]
    found = _hashes(paths, wanted, keep=False)
    return [(i, found[i.path]) for i in wanted if found[i.path]]


def _coded(con: duckdb.DuckDBPyConnection) -> set[str]:
    rows = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'staging'").fetchall()
    return {name for (name,) in rows}


def _bases(parts: Sequence[Part]) -> dict[str, list[Part]]:
    """The parts that read each coded table."""
    bases: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        bases[part.base].append(part)
    return bases


def _hashes(paths: StudyPaths, wanted: Sequence[Intake], keep: bool) -> dict[Path, str]:
    gone = store.replaced(paths)
    return {p: _hash(paths, p, keep, gone) for p in {i.path: None for i in wanted}}


def _hash(paths: StudyPaths, path: Path, keep: bool, gone: dict[str, str]) -> str:
    """The hash of what is read for a file: its own, or that of its remaining rows where somebody in it withdrew."""
    if gone:
        sha256 = store.hash_of(path)
        if sha256 in gone:
            return gone[sha256]
    if not keep:
        return store.hash_of(path)
    if path.suffix.lower() == ".csv" and path.stat().st_size >= csv_file.VIEW_FROM:
        return csv_text.scan_ahead(path, lambda: store.keep(paths, path))
    return store.keep(paths, path)


def _stage(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    hashed: Sequence[Hashed],
    levels: dict[str, Severity | None],
    as_views: bool,
) -> tuple[tuple[Part, ...], list[Problem]]:
    staged: dict[tuple[str, ...], tuple[Staged, str]] = {}
    taken = _coded(con)
    names = (name for i in count(1) if (name := f"f{i}") not in taken)
    parts: list[Part] = []
    problems: list[Problem] = []
    for ordinal, (intake, sha256) in enumerate(hashed):
        key = (intake.name, *(str(getattr(intake.hints, f)) for f in _READING))
        try:
            if key not in staged:
                table = stage(
                    con, intake.path, intake.hints, name=intake.name, wave=intake.wave, kind=KIND, sha256=sha256,
                    severities=levels, id_column=study.ids.column, known_waves=wave_values(study, intake.hints),
                    as_view=as_views,
                )  # fmt: skip
                staged[key] = table, next(names)
                problems += table.problems
        except FileRefused as refused:
            problems += refused.problems
            continue
        except duckdb.InvalidInputException:
            raise LateRefusal from None
        table, base = staged[key]
        layout = lay_out(study, intake.wave, intake.hints, table.columns)
        table = replace(table, source_id=source_id_of(intake.wave, KIND, sha256))
        parts.append(Part(intake, table, layout, base, ordinal, groups=groups_of(study)))
    for part in parts:
        others = [p for p in parts if p.staged.sha256 == part.staged.sha256 and p.wave != part.wave]
        part.shared = any(p.base == part.base for p in others)
        part.elsewhere = frozenset(key_of(u.name) for p in others for u in p.layout.uses if u.role != "unknown")
    return tuple(parts), problems


def code(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, prepared: Prepared) -> None:
    """Make the coded tables of what was prepared, beside those of the run before; outside any transaction: DuckDB
    writes a table that was made in a transaction, and changed in it, three times. Makes none where a file is refused.
    """
    lay_over(con, paths, study, prepared.parts, read(paths.root, Correction), read(paths.root, Release))
    if prepared.refused:
        return
    for members in _bases(prepared.parts).values():
        code_base(con, study, members)


def leave(con: duckdb.DuckDBPyConnection, prepared: Prepared) -> None:
    """Drop the coded tables again where the run comes to nothing."""
    for base in _bases(prepared.parts):
        con.execute(f"DROP TABLE IF EXISTS staging.{sql.ident(base)}")


def ingest(con: duckdb.DuckDBPyConnection, paths: StudyPaths, study: Study, prepared: Prepared) -> Result:
    """Check what was prepared and coded, and write the tables of the ingest step; within a transaction. Refusals are
    among the problems of what is returned; the caller rolls back."""
    parts = prepared.parts
    _clear(con, _bases(parts))
    releases = read(paths.root, Release)
    ledger = Ledger(con, severities(study), releases)
    ledger.note(*prepared.problems)
    for p in parts:
        con.execute("INSERT INTO part VALUES (?, ?, ?, ?)", [p.source_id, p.name, p.wave, p.ordinal])
    corrections = read(paths.root, Correction)
    _unused(paths, parts, corrections, ledger)
    by_wave: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        by_wave[part.wave].append(part)
    _read_columns(study, by_wave, ledger)
    if not ledger.refusals() and parts:
        _read_rows(con, study, by_wave, ledger, read(paths.root, Link), prepared.erased)
        if not ledger.refusals():
            _write(con, study, by_wave, ledger)
    _note_corrected(ledger, releases)
    _record(con, paths, parts)
    if parts and not ledger.refusals():
        assert_invariant(con, parts)
    counts = {"files": len(parts), "waves": len(by_wave), **_totals(con)}
    return Result(tuple(ledger.problems()), counts)


def _unused(paths: StudyPaths, parts: Sequence[Part], corrections: Sequence[Correction], ledger: Ledger) -> None:
    """Corrections of the rows of a file that was revised since: they must be made anew, or the revision has them."""
    read_now = {p.staged.sha256 for p in parts}
    waves = {p.wave for p in parts}
    once = [e for e in store.entries(paths) if e.kind == KIND and e.sha256 not in read_now and e.wave in waves]
    for entry in once:
        lost = [c for c in corrections if c.sha256 and entry.sha256.startswith(c.sha256) and c.wave == entry.wave]
        if lost:
            ledger.tell(
                "correction-unused",
                Wording(
                    f"{len(lost)} correction{'s belong' if len(lost) > 1 else ' belongs'} to the content that "
                    f"{entry.path} had before it was revised",
                    "corrections of the file in use",
                    "nothing, if the revised file is right there; else make them again: coprod-trust correct",
                ),
                name=entry.path,
                wave=entry.wave,
            )


def _clear(con: duckdb.DuckDBPyConnection, coded: Container[str]) -> None:
    """Empty what this step fills, but for the tables just coded."""
    sql.run(con, "staging/clear")
    for schema, name, kind in con.execute(
        "SELECT schema_name, table_name, 'TABLE' FROM duckdb_tables() WHERE schema_name IN ('staging', 'answer') "
        "UNION ALL SELECT schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE schema_name IN ('staging', 'answer')"
    ).fetchall():
        if schema != "staging" or name not in coded:
            con.execute(f"DROP {kind} {sql.ident(schema)}.{sql.ident(name)}")


def _read_columns(study: Study, by_wave: dict[str, list[Part]], ledger: Ledger) -> None:
    """What the columns alone tell."""
    for wave, parts in by_wave.items():
        for part in parts:
            columns.id_column(study, part, ledger)
            columns.unknown_columns(part, ledger)
            columns.formats_of_items(study, part, ledger)
        columns.items_of_wave(study, wave, parts, ledger)


def _read_rows(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    by_wave: dict[str, list[Part]],
    ledger: Ledger,
    links: Sequence[Link],
    before: Erased,
) -> None:
    """Settle which rows stand."""
    parts = [p for members in by_wave.values() for p in members]
    apply_links(con, parts, links)
    for part in parts:
        rows.blanks(con, study, part)
    rows.withdrawals(con, study, parts, before, ledger)
    for members in _bases(parts).values():
        code_texts(con, members)
        probe_ids(con, study, members)
    for part in parts:
        dates.settle_order(con, part, ledger)
        rows.row_rules(con, study, part, ledger)
    sql.run(con, "checks/settle")
    rows.after_withdrawal(con, parts, before, ledger)
    sql.run(con, "checks/settle")
    people.near_duplicates(con, study, parts, ledger)
    sql.run(con, "checks/settle")
    for members in by_wave.values():
        rows.repeated(con, members, ledger)
    sql.run(con, "checks/settle")
    for part in parts:
        dates.check_dates(con, study, part, ledger)
    people.across_waves(con, study, parts, ledger)


def _write(con: duckdb.DuckDBPyConnection, study: Study, by_wave: dict[str, list[Part]], ledger: Ledger) -> None:
    """Read the answers and write the tables that the other rooms use."""
    fields: dict[str, dict[str, Field]] = {}
    for members in by_wave.values():
        for part in members:
            coded = read_codes(con, study, part, ledger)
            text_rules(con, study, part, ledger)
            rows.personal_data(con, study, part, ledger)
            patterns.other_groups(part, study, coded, ledger)
            fields[part.source_id] = hold_cells(con, part, coded, ledger)
    fates = {r[0] for r in con.execute("SELECT DISTINCT source_id FROM staging.fate").fetchall()}
    unlinked = {r[0] for r in con.execute("SELECT DISTINCT source_id FROM staging.unlinked").fetchall()}
    waves = {w: by_wave[w] for w in study.wave_ids if w in by_wave}
    for wave, members in waves.items():
        queries = [
            answer_query(study, p, fields[p.source_id], p.source_id in fates, p.source_id in unlinked) for p in members
        ]
        write_answers(con, study, wave, queries, sum(p.staged.rows for p in members))
    everybody = [p for members in waves.values() for p in members]
    one = people.a_row_a_person(con, study, everybody) and not unlinked
    first = everybody[0]
    beside = answer_query(study, first, fields[first.source_id], held=False, relinked=False) if one else None
    write_participants(con, study, list(waves), beside)
    patterns.patterns(con, study, waves, fields, ledger)


def _note_corrected(ledger: Ledger, releases: Sequence[Release]) -> None:
    """A cell that was released with a value breaks no rule any more; it stays on the list, as corrected."""
    open_ids = {p.problem_id for p in ledger.problems()}
    wave_of = {r[0]: (r[1], r[2]) for r in ledger.con.execute("SELECT source_id, name, wave FROM part").fetchall()}
    for r in {r.problem_id: r for r in releases if r.value is not None}.values():
        if r.problem_id in open_ids or r.rule is None or r.rule not in RULES or r.source_id not in wave_of:
            continue
        name, wave = wave_of[r.source_id]
        ledger.note(
            Problem(
                rule=r.rule, severity=Severity.QUARANTINE, scope=RULES[r.rule].scope,
                message=f"{RULES[r.rule].title}; released with another value", expected="a value that holds",
                fix="nothing", source_id=r.source_id, name=name, wave=wave, row_number=r.row_number,
                column_name=r.column, scale=r.scale, status="corrected",
            )
        )  # fmt: skip


def _record(con: duckdb.DuckDBPyConnection, paths: StudyPaths, parts: Sequence[Part]) -> None:
    """source_file, source_column, problem and blocked_scale."""
    now = clock.now()
    for part in parts:
        s = part.staged
        sql.run(
            con,
            "staging/source_file",
            {
                "source_id": part.source_id, "sha256": s.sha256, "name": part.name, "kind": KIND, "format": s.format,
                "wave": part.wave, "rows_in": s.rows, "header_row": s.header_row, "received_at": now,
            },
        )  # fmt: skip
        uses = part.layout.uses
        con.execute(
            "INSERT INTO source_column SELECT $source_id, unnest($position), unnest($name), unnest($label::VARCHAR[]), "
            "unnest($role), unnest($target::VARCHAR[])",
            {
                "source_id": part.source_id, "position": [u.position for u in uses], "name": [u.name for u in uses],
                "label": [u.column.label for u in uses], "role": [u.role for u in uses],
                "target": [u.target for u in uses],
            },
        )  # fmt: skip
    _earlier_versions(con, paths, parts)
    sql.run(con, "staging/problem")


def _earlier_versions(con: duckdb.DuckDBPyConnection, paths: StudyPaths, parts: Sequence[Part]) -> None:
    """What was imported under the same path and revised since, and what was refused, stays on the list of files."""
    current = {(p.name, p.wave) for p in parts}
    for entry in store.entries(paths):
        if entry.kind in (KIND, "refused") and (entry.path, entry.wave) in current:
            con.execute(
                "INSERT OR IGNORE INTO source_file VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, NULL, ?)",
                [source_id_of(entry.wave, KIND, entry.sha256), entry.sha256, entry.path, KIND,
                 Path(entry.path).suffix.lstrip(".").lower(), entry.wave,
                 "superseded" if entry.kind == KIND else "refused", entry.received_at],
            )  # fmt: skip


def _totals(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    names = ("rows_in", "accepted", "quarantined", "duplicates", "blank", "withdrawn")
    row = con.execute(
        f"SELECT {', '.join(f'sum({n})' for n in names)} FROM source_file WHERE kind = ?", [KIND]
    ).fetchone()
    return {n: int(v or 0) for n, v in zip(names, row or (0,) * 6, strict=True)}


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
