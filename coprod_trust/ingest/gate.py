"""The gate: one for all formats. Staged files become coded tables, held against the rules, then answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from coprod_trust.ingest.fields import HELD_CODE, TEXT_CODE, Field, answer_field
from coprod_trust.ingest.layout import Use
from coprod_trust.ingest.ledger import Ledger
from coprod_trust.ingest.part import Part
from coprod_trust.ingest.reading import Reading, fold, read_answer
from coprod_trust.store import sql
from coprod_trust.store.sql import ident
from coprod_trust.study import Study

VIEW_FROM = 200_000  # rows from which a wave's answers are a view over its coded table instead of a copy


def code_base(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part]) -> None:
    """Make the coded table of one staged file; ``parts`` are the waves that read it."""
    first = parts[0]
    uses = {u.storage: u for p in parts for u in p.layout.read}
    id_use = first.layout.of("id")
    names = [c.name for c in first.staged.columns]
    sql.run(
        con,
        "staging/base",
        base=first.base,
        staged=first.staged.table,
        id=id_use.name if id_use else None,
        normalise=study.ids.normalise,
        texts=[(u.name, u.storage) for u in uses.values() if not u.numeric],
        numbers=[(u.name, u.storage, u.storage_type) for u in uses.values() if u.numeric],
        names=names,
    )
    _code_texts(con, first, [u for u in uses.values() if u.numeric])


def _code_texts(con: duckdb.DuckDBPyConnection, part: Part, numbers: Sequence[Use]) -> None:
    """Give every text in a number's place a code of its own (TEXT_CODE - n), so that all that follows is one domain."""
    odd = con.execute(f"SELECT count(*) FROM staging.{ident(part.base)} WHERE odd").fetchone()
    if odd is None or odd[0] == 0:
        return
    sql.run(
        con,
        "staging/odd_cells",
        {"text_code": TEXT_CODE},
        base=part.base,
        staged=part.staged.table,
        numbers=[(u.position, u.name, u.storage) for u in numbers],
    )
    present = [r[0] for r in con.execute("SELECT DISTINCT position FROM odd_cell ORDER BY ALL").fetchall()]
    sql.run(
        con,
        "staging/code_texts",
        base=part.base,
        numbers=[(u.position, u.storage) for u in numbers if u.position in present],
    )


def read_codes(con: duckdb.DuckDBPyConnection, study: Study, part: Part, ledger: Ledger) -> dict[str, Field]:
    """What the codes of each number column mean in this wave: items and covariates, by their id.

    Columns with nothing but valid answers take the short way; of the others each distinct code is read once.
    """
    uses = [u for u in part.layout.read if u.numeric]
    profile = _profile(con, part, uses)
    fields: dict[str, Field] = {}
    for use in uses:
        answer = answer_field(study, part, use)
        count, low, high, fraction = profile[use.position]
        plain = count == 0 or (low >= answer.low and high <= answer.high and not (answer.integer and fraction > 0))
        sort = "SMALLINT" if answer.integer else "DOUBLE"
        column = f"b.{use.storage}"
        asked = tuple(use.scale.groups) if use.scale and use.scale.groups is not None else None
        if plain:
            fields[str(use.target)] = Field(str(use.target), sort, column, asked)
            continue
        codes = _exceptions(con, part, use, answer.low, answer.high, answer.integer)
        readings = {code: read_answer(found, answer) for code, found in codes}
        _remember(con, part, use, dict(codes), readings)
        fields[str(use.target)] = Field(
            str(use.target),
            sort,
            column,
            asked,
            plain=False,
            valid=_valid(column, answer.low, answer.high, answer.integer),
            meanings=tuple(
                (_literal(c), _literal(r.value))
                for c, r in readings.items()
                if r.value is not None and _let_in(r, ledger)
            ),
            reasons=tuple((_literal(c), r.reason.value) for c, r in readings.items() if r.reason is not None),
        )
    return fields


def _let_in(reading: Reading, ledger: Ledger) -> bool:
    severity = ledger.severities.get(reading.rule) if reading.rule else None
    return severity is None or severity.value == "warn"


def _profile(
    con: duckdb.DuckDBPyConnection, part: Part, uses: Sequence[Use]
) -> Mapping[int, tuple[int, float, float, float]]:
    if not uses:
        return {}
    row = sql.run(con, "staging/number_profile", base=part.base, columns=[u.storage for u in uses]).fetchone()
    assert row is not None
    return {u.position: tuple(row[4 * i : 4 * i + 4]) for i, u in enumerate(uses)}


def _exceptions(
    con: duckdb.DuckDBPyConnection, part: Part, use: Use, low: float, high: float, integer: bool
) -> list[tuple[float, str]]:
    """Codes that are not plainly valid, with the text that they stand for."""
    return sql.run(
        con,
        "staging/exceptions",
        {"text_code": TEXT_CODE, "held_code": HELD_CODE},
        base=part.base,
        column=use.storage,
        valid=_valid(f"b.{use.storage}", low, high, integer),
        texts=_has_texts(con, part),
    ).fetchall()


def _has_texts(con: duckdb.DuckDBPyConnection, part: Part) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'staging' AND table_name = ?", [f"{part.base}_text"]
    ).fetchone()
    return bool(found and found[0])


def _remember(
    con: duckdb.DuckDBPyConnection,
    part: Part,
    use: Use,
    codes: Mapping[float, str],
    readings: Mapping[float, Reading],
) -> None:
    rows = [
        [part.source_id, use.position, code, codes[code], r.rule, r.suggestion]
        for code, r in readings.items()
        if r.rule is not None
    ]
    if rows:
        con.executemany("INSERT INTO meaning VALUES (?, ?, ?, ?, ?, ?)", rows)


def _valid(column: str, low: float, high: float, integer: bool) -> str:
    ends = f"{column} BETWEEN {_literal(max(low, TEXT_CODE / 2))} AND {_literal(min(high, 1e300))}"
    return f"({ends} AND {column} = round({column}))" if integer else f"({ends})"


def _literal(value: float | None) -> str:
    assert value is not None
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def groups_of(study: Study) -> dict[str, str]:
    """Folded text: group. A group is written as its id, its label or one of its codes."""
    if study.groups.column is None:
        return {"": study.groups.participants}
    names: dict[str, str] = {}
    for group in study.groups.values:
        for name in (*group.codes, group.id, group.label):
            names.setdefault(fold(name), group.id)
    return names
