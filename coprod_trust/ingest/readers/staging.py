"""From a file to a table of text, whatever its format."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from coprod_trust.ingest.readers import central_zip, csv_file, labelled, parquet_file, xlsx_file
from coprod_trust.ingest.readers import kind as kinds
from coprod_trust.ingest.readers.header import SPACE, name_columns
from coprod_trust.ingest.readers.load import Loaded, count
from coprod_trust.ingest.readers.presets import waves_written
from coprod_trust.ingest.readers.report import Report
from coprod_trust.ingest.readers.staged import Column, Staged
from coprod_trust.store import sql
from coprod_trust.study import File, Severity, Study

PREFIX = "staging_"
FORMULA_FIX = "nothing: it is kept as text, and is escaped wherever a spreadsheet could run it"


def source_id_of(wave: str | None, kind: str, sha256: str) -> str:
    """The name of a file in the database: its wave, or its kind where it has none, and the start of its hash."""
    return f"{wave or kind}__{sha256[:16]}"


def wave_values(study: Study, file: File) -> set[str]:
    """How the waves of a file with several are written, over all waves of the study that read it."""
    return {f.wave_value for w in study.waves for f in w.files if f.path == file.path and f.wave_value is not None}


def stage(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    file: File,
    *,
    name: str,
    wave: str | None,
    kind: str,
    sha256: str,
    severities: Mapping[str, Severity | None] | None = None,
    id_column: str | None = None,
    known_waves: Collection[str] | None = None,
    as_view: bool = True,
) -> Staged:
    """Read a file into a temporary table of text; see Staged for its shape.

    ``path`` is where the bytes lie (in waves/ or in the archive), ``name`` what the file is called in messages and by
    whose ending its format is known. ``id_column`` is needed for a long file. ``known_waves`` are the spellings of
    ``file.wave_column`` that the study knows; None: only ``file.wave_value``. ``as_view``: a large text file may become
    a view, which is parsed when it is read and may fail then.

    Raises FileRefused with the rules that refuse the file. Tables live as long as the connection, or until ``clear``.
    To be called outside a transaction: DuckDB numbers the rows of a table from 0 only once they are committed, and
    row_number rests on that.
    """
    source_id = source_id_of(wave, kind, sha256)
    report = Report(name, wave, source_id, severities)
    format_ = kinds.format_of(path, name, file.format, report)
    base = PREFIX + hashlib.sha256(f"{sha256}{name}{_how(file)}".encode()).hexdigest()[:16]
    loaded = _load(con, path, file, format_, base, report, as_view)
    if loaded.rows == 0:
        report.refuse("file-empty", "there are column names and no rows", "a row for every person", "export it again")
    view = PREFIX + source_id + "_" + base[-8:]
    commas = _profile(con, loaded, file, report)
    conditions, rows = _own_rows(con, loaded, file, known_waves, report)
    _check_total(con, loaded, file, report)
    _make_view(con, loaded, view, commas, conditions)
    columns = loaded.columns
    if file.layout == "long":
        columns, rows, view = _widen(con, view, columns, file, id_column, report)
    return Staged(
        source_id=source_id,
        name=name,
        sha256=sha256,
        format=format_,
        table=f"temp.main.{sql.ident(view)}",
        columns=columns,
        header_row=loaded.header_row,
        rows=rows,
        in_order=not conditions and file.layout != "long",
        problems=report.finish(),
        within=loaded.within,
    )


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every staged table of the connection."""
    found = con.execute(
        "SELECT view_name, true FROM duckdb_views() WHERE temporary AND starts_with(view_name, $prefix) "
        "UNION ALL SELECT table_name, false FROM duckdb_tables() WHERE temporary AND starts_with(table_name, $prefix)",
        {"prefix": PREFIX},
    ).fetchall()
    for name, is_view in found:
        con.execute(f"DROP {'VIEW' if is_view else 'TABLE'} temp.main.{sql.ident(name)}")


def _how(file: File) -> str:
    """What of the hints decides how a file is read."""
    return file.model_dump_json(
        include={"format", "preset", "repeat", "delimiter", "decimal", "encoding", "sheet", "header_row"}
    )


def _load(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    file: File,
    format_: kinds.Format,
    table: str,
    report: Report,
    as_view: bool,
) -> Loaded:
    if format_ == "csv":
        return csv_file.read(con, path, file, table, report, as_view)
    if format_ == "xlsx":
        return xlsx_file.read(con, path, file, table, report)
    if format_ == "zip":
        return central_zip.read(con, path, file, table, report)
    if format_ == "parquet":
        return parquet_file.read(con, path, table, report)
    return labelled.read(con, path, file, format_, table, report)


def _profile(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, file: File, report: Report
) -> dict[str, tuple[bool, bool]]:
    """Per column, whether its values must be trimmed and whether decimal commas become points; notes what was found."""
    names = [column.name for column in loaded.columns]
    checks = replace(loaded.checks, comma=loaded.checks.comma and file.decimal != ".")
    result = dict.fromkeys(names, (False, False))
    if not (checks.space or checks.comma or checks.formula):
        return result
    bind = {"space": SPACE}
    hints = sql.run(con, "staging/hints", bind, table=loaded.table, columns=names, checks=checks).fetchone()
    assert hints is not None
    result = {name: (bool(hints[3 * i]), False) for i, name in enumerate(names)}
    closer = [name for i, name in enumerate(names) if hints[3 * i + 1] or hints[3 * i + 2]]
    if not closer:
        return result
    row = sql.run(con, "staging/profile", bind, table=loaded.table, columns=closer).fetchone()
    assert row is not None
    with_comma = []
    for i, name in enumerate(closer):
        commas, thousands, plain, values, formulas, first = row[6 * i : 6 * i + 6]
        decimal = checks.comma and commas > 0
        if decimal and (file.decimal == "," or (commas > thousands and 2 * (commas + plain) >= values)):
            with_comma.append(name)
            result[name] = (result[name][0], True)
        if formulas:
            report.add(
                "formula-like-text",
                f"values that begin with = + - or @, as a formula does: {formulas}",
                "text that no spreadsheet runs",
                FORMULA_FIX,
                row=first + loaded.header_row + 1,
                column=name,
            )
    if with_comma:
        report.add(
            "delimiter-not-comma",
            f"numbers with a decimal comma in {len(with_comma)} column{'s' * (len(with_comma) > 1)}: "
            f"{', '.join(with_comma[:10])}",
            "a decimal point",
            "nothing, if those are decimals; else set decimal: '.' under files",
            column=with_comma[0],
        )
    return result


Conditions = list[tuple[str, list[str]]]
"""Columns and what they must hold for a row to be read; no text: the cell is blank."""


def _own_rows(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, file: File, known: Collection[str] | None, report: Report
) -> tuple[Conditions, int]:
    """Which rows are those of this wave, and how many; refuses a wave that the study does not know."""
    conditions: Conditions = []
    if file.wave_column is not None:
        conditions.append((file.wave_column, _wave_spellings(con, loaded, file, known, report)))
    instrument = next((c.name for c in loaded.columns if c.name.casefold() == "redcap_repeat_instrument"), None)
    if file.preset == "redcap" and instrument is not None and file.wave_column != instrument:
        conditions.append((instrument, [file.repeat] if file.repeat else []))
    if not conditions:
        return conditions, loaded.rows
    row = sql.run(
        con, "staging/own_rows", {"space": SPACE}, table=loaded.table, conditions=conditions, space=SPACE
    ).fetchone()
    assert row is not None
    return conditions, int(row[0])


def _wave_spellings(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, file: File, known: Collection[str] | None, report: Report
) -> list[str]:
    assert file.wave_column is not None
    if file.wave_column not in {column.name for column in loaded.columns}:
        report.refuse(
            "wave-unknown",
            "the column that names the wave is not in the file",
            f"a column {file.wave_column}",
            "correct files: wave_column",
            column=file.wave_column,
        )
    found = sql.run(con, "staging/waves", {"space": SPACE}, table=loaded.table, column=file.wave_column).fetchall()
    spellings = [value for value, _ in found]
    allowed = {file.wave_value, *(known or ())} - {None}
    read = {s for v in allowed for s in waves_written(file.preset, v, spellings)}
    strange = [(value, row) for value, row in found if value not in read]
    if strange and file.preset == "redcap":
        report.add(
            "rows-of-no-wave",
            f"events that are no wave of the study, whose rows are not read: {len(strange)}",
            "one of: " + ", ".join(sorted(str(v) for v in allowed)),
            "nothing, if nothing of the study was asked then; else declare a wave with that wave_value",
            row=strange[0][1] + loaded.header_row + 1,
            column=file.wave_column,
        )
    elif strange:
        report.refuse(
            "wave-unknown",
            f"spellings of the wave that the study does not know: {len(strange)}",
            "one of: " + ", ".join(sorted(str(v) for v in allowed)),
            "correct the file, or declare that wave with its wave_value",
            row=strange[0][1] + loaded.header_row + 1,
            column=file.wave_column,
            found=strange[0][0],
        )
    return waves_written(file.preset, file.wave_value, spellings) or [str(file.wave_value)]


def _check_total(con: duckdb.DuckDBPyConnection, loaded: Loaded, file: File, report: Report) -> None:
    """Rows against what the sender says; rows that are blank throughout do not count."""
    if file.expected_rows is None:
        return
    names = [column.name for column in loaded.columns]
    row = sql.run(con, "staging/filled", {"space": SPACE}, table=loaded.table, columns=names).fetchone()
    assert row is not None
    if row[0] != file.expected_rows:
        report.add(
            "file-truncated",
            f"{row[0]} rows, not the {file.expected_rows} that the sender says",
            f"{file.expected_rows} rows",
            "ask for the file again, or correct files: expected_rows",
            row=loaded.header_row + loaded.rows,
        )


def _make_view(
    con: duckdb.DuckDBPyConnection,
    loaded: Loaded,
    view: str,
    flags: dict[str, tuple[bool, bool]],
    conditions: Conditions,
) -> None:
    sql.run(
        con,
        "staging/view",
        table=loaded.table,
        view=view,
        row_number=f"rowid + {loaded.header_row + 1}",
        columns=[(name, trim, comma) for name, (trim, comma) in flags.items()],
        space=SPACE,
        conditions=conditions,
    )


def _widen(
    con: duckdb.DuckDBPyConnection,
    view: str,
    columns: tuple[Column, ...],
    file: File,
    id_column: str | None,
    report: Report,
) -> tuple[tuple[Column, ...], int, str]:
    """A long file as a wide table; refuses one that lacks the columns that make it long."""
    by_name = {column.name: column for column in columns}
    assert file.item_column is not None
    assert file.value_column is not None
    wanted = {"item_column": file.item_column, "value_column": file.value_column, "id": file.id_column or id_column}
    for setting, column in wanted.items():
        if column is None or column not in by_name:
            report.refuse(
                "header-not-found",
                f"the file is long and has no column for {setting}",
                f"a column {column}",
                f"correct files: {setting}" if setting != "id" else "correct ids: column, or set files: id_column",
                column=column,
            )
    names = sql.run(con, "staging/items", view=view, item=file.item_column).fetchall()
    items = [str(name) for (name,) in names]
    kept = [name for name in by_name if name not in (file.item_column, file.value_column)]
    name_columns([*kept, *items], None, 1, report)
    table = f"{view}_wide"
    sql.run(
        con,
        "staging/long",
        table=table,
        view=view,
        id=wanted["id"],
        item=file.item_column,
        value=file.value_column,
        kept=kept,
        items=items,
    )
    value = by_name[file.value_column]
    wide = tuple(by_name[name] for name in kept) + tuple(
        Column(name, None, value.value_labels, value.user_missing) for name in items
    )
    return wide, count(con, table), table
