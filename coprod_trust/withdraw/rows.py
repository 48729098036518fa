"""A file without some of its rows. Each row becomes a blank one, so that every other row keeps its number."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from coprod_trust.ingest.readers import csv_text
from coprod_trust.ingest.readers.central_zip import column, tables_of
from coprod_trust.ingest.readers.report import Report
from coprod_trust.store import sql
from coprod_trust.study import File

Drop = Callable[[str, int, list[str]], bool]
"""Whether a row goes, by its table (the sheet of a workbook, the table of an archive; else an empty text), its number
as the readers count it and its cells as text. The rows of a table come in order."""


def without_rows(path: Path, format_: str, drop: Drop, hints: File | None = None) -> tuple[bytes, int] | None:
    """The file's bytes with those rows blank, and their number; None for a format that cannot be written again."""
    if format_ == "csv":
        return _csv(path, drop, hints)
    writers = {"xlsx": _xlsx, "zip": _central_zip, "sav": _labelled, "dta": _labelled, "parquet": _parquet}
    writer = writers.get(format_)
    return writer(path, drop) if writer else None


def _csv(path: Path, drop: Drop, hints: File | None) -> tuple[bytes, int]:
    report = Report(path.name, None, "")
    scan = csv_text.scan(path)
    encoding = csv_text.encoding_of(path, scan, hints.encoding if hints else None, report)
    dialect = csv_text.dialect_of(
        path, encoding, hints.delimiter if hints else None, hints.header_row if hints else None, report
    )
    with path.open("r", encoding=encoding, newline="") as handle:
        text = handle.read()
    kept: list[str] = []
    dropped = 0
    for number, (record, raw) in enumerate(_records(text, dialect.delimiter, dialect.quote), 1):
        if drop("", number, record):
            end = raw[len(raw.rstrip("\r\n")) :]
            kept.append(dialect.delimiter * (len(record) - 1) + end)
            dropped += 1
        else:
            kept.append(raw)
    return "".join(kept).encode(encoding), dropped


def _records(text: str, delimiter: str, quote: str) -> Iterator[tuple[list[str], str]]:
    """Each record with the characters that it was written in."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    csv.field_size_limit(csv_text.MAX_CELL)
    for record in csv.reader(lines(), delimiter=delimiter, quotechar=quote, skipinitialspace=True):
        yield record, "".join(taken)
        taken.clear()


def _xlsx(path: Path, drop: Drop) -> tuple[bytes, int]:
    """Values only, sheet by sheet: formulas become their last values. In a form with repeating groups (Kobo) what
    belongs to a row goes with it."""
    from openpyxl import Workbook
    from python_calamine import CalamineWorkbook

    from coprod_trust.ingest.readers.xlsx_file import text

    book = Workbook()
    book.remove(book.active)
    with CalamineWorkbook.from_path(str(path)) as source:
        cells = {n: source.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in source.sheet_names}
    texts = {name: [[text(cell) for cell in row] for row in rows] for name, rows in cells.items()}
    keys = {n: {i: f"{n} {key}" for i, key in column(rows, "_index").items()} for n, rows in texts.items()}
    parents = {
        name: {i: f"{table} {index}" for i, index in column(rows, "_parent_index").items()
               if (table := column(rows, "_parent_table_name").get(i, ""))}
        for name, rows in texts.items()
    }  # fmt: skip
    gone = _with_what_belongs(_going(texts, drop), keys, parents)
    for name, rows in cells.items():
        sheet = book.create_sheet(name)
        for i, row in enumerate(rows):
            for n, cell in enumerate(row, 1):
                if cell != "" and i not in gone[name]:
                    target = sheet.cell(i + 1, n)
                    target.value = cell
                    if isinstance(cell, str):
                        target.data_type = "s"  # a text that begins with = is no formula
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue(), sum(map(len, gone.values()))


def _central_zip(path: Path, drop: Drop) -> tuple[bytes, int]:
    """The archive of a form: with a row goes all that belongs to it in the other tables, what it belongs to where
    nobody else's row does, and attachments that it names."""
    tables = tables_of(path)
    keys = {name: column(rows, "KEY") for name, rows in tables.items()}
    parents = {name: column(rows, "PARENT_KEY") for name, rows in tables.items()}
    gone = _with_what_belongs(_going(tables, drop), keys, parents)
    named = {cell for n in tables for i in gone[n] for cell in tables[n][i] if cell}
    stream = io.BytesIO()
    with ZipFile(path) as source, ZipFile(stream, "w", ZIP_DEFLATED) as target:
        for member in source.namelist():
            stem = PurePosixPath(member).stem
            if member.lower().endswith(".csv") and stem in tables:
                text = io.StringIO(newline="")
                csv.writer(text).writerows(
                    [""] * len(row) if i in gone[stem] else row for i, row in enumerate(tables[stem])
                )
                target.writestr(member, text.getvalue())
            elif PurePosixPath(member).name not in named:
                target.writestr(member, source.read(member))
    return stream.getvalue(), sum(map(len, gone.values()))


_Places = dict[str, dict[int, str]]
"""By table: the place of a row from 0, and a key of it."""


def _going(tables: Mapping[str, Sequence[list[str]]], drop: Drop) -> dict[str, set[int]]:
    """The places of the rows that go, by table."""
    return {name: {i for i, row in enumerate(rows) if drop(name, i + 1, row)} for name, rows in tables.items()}


def _with_what_belongs(gone: dict[str, set[int]], keys: _Places, parents: _Places) -> dict[str, set[int]]:
    """Also the rows that a row belongs to, where every row of its table that belongs there goes, and all rows that
    belong to one that goes."""
    for _ in gone:  # as often as groups can stand in groups
        for inner in gone:
            children: dict[str, set[int]] = {}
            for i, key in parents[inner].items():
                children.setdefault(key, set()).add(i)
            emptied = {key for key, rows in children.items() if rows <= gone[inner]}
            for outer in gone:
                gone[outer] |= {i for i, key in keys[outer].items() if key in emptied}
    for _ in gone:
        taken = {k for n in gone for i, k in keys[n].items() if i in gone[n]}
        for name in gone:
            gone[name] |= {i for i, k in parents[name].items() if k in taken}
    return gone


def _labelled(path: Path, drop: Drop) -> tuple[bytes, int]:
    import tempfile

    import pyreadstat

    from coprod_trust.ingest.readers.labelled import _text

    spss = path.suffix.lower() in (".sav", ".zsav") or _is_spss(path)
    frame, meta = (pyreadstat.read_sav if spss else pyreadstat.read_dta)(str(path), user_missing=True)
    gone = [
        n - 1
        for n, row in enumerate(frame.itertuples(index=False, name=None), 1)
        if drop("", n, [_text(_value(cell)) or "" for cell in row])
    ]
    for name in frame.columns:
        is_text = meta.readstat_variable_types.get(name) == "string"
        frame[name] = frame[name].astype(object)
        frame.iloc[gone, frame.columns.get_loc(name)] = "" if is_text else None
        if not is_text and str(meta.original_variable_types.get(name)).startswith(("F", "%")):
            frame[name] = _numbers(frame[name])
    with tempfile.TemporaryDirectory() as aside:
        target = Path(aside) / ("x.sav" if spss else "x.dta")
        if spss:
            pyreadstat.write_sav(
                frame, str(target), column_labels=meta.column_names_to_labels,
                variable_value_labels=meta.variable_value_labels, missing_ranges=meta.missing_ranges,
                variable_measure={k: str(v) for k, v in meta.variable_measure.items()},
            )  # fmt: skip
        else:
            missing = {k: [str(v) for v in codes] for k, codes in (meta.missing_user_values or {}).items()}
            pyreadstat.write_dta(
                frame, str(target), column_labels=meta.column_names_to_labels,
                variable_value_labels=meta.variable_value_labels, missing_user_values=missing or None,
            )  # fmt: skip
        return target.read_bytes(), len(gone)


def _is_spss(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(4) in (b"$FL2", b"$FL3")


def _value(cell: Any) -> Any:
    import pandas as pd

    return None if cell is pd.NaT or (isinstance(cell, float) and cell != cell) else cell


def _numbers(column: Any) -> Any:
    import pandas as pd

    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError):
        return column


def _parquet(path: Path, drop: Drop) -> tuple[bytes, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    rows = table.to_pylist()
    keep = [not drop("", n, ["" if v is None else str(v) for v in row.values()]) for n, row in enumerate(rows, 1)]
    mask = pa.array(keep)
    columns = [pa.compute.if_else(mask, column, pa.nulls(len(rows), column.type)) for column in table.columns]
    stream = io.BytesIO()
    pq.write_table(pa.table(columns, schema=table.schema), stream)
    return stream.getvalue(), keep.count(False)


def without_people(path: Path, people: Collection[str]) -> int:
    """Take people out of a Parquet file of ours, which has a column participant_id; returns the rows taken out."""
    import duckdb

    con = duckdb.connect()
    try:
        con.execute(f"CREATE TABLE t AS FROM read_parquet({sql.text(str(path))})")
        before = con.execute("SELECT count(*) FROM t").fetchone()
        con.execute(
            "CREATE TABLE kept AS FROM t WHERE participant_id NOT IN (SELECT unnest($people))", {"people": [*people]}
        )
        after = con.execute("SELECT count(*) FROM kept").fetchone()
        assert before is not None
        assert after is not None
        if before[0] != after[0]:
            aside = path.with_name(f".{path.name}")
            con.execute(f"COPY kept TO {sql.text(str(aside))} (FORMAT parquet, COMPRESSION zstd)")
            aside.replace(path)
        return int(before[0]) - int(after[0])
    finally:
        con.close()
