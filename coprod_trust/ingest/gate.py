"""The gate: one for all formats. Staged files become coded tables, held against the rules, then answers."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from coprod_trust.ingest.fields import TEXT_CODE
from coprod_trust.ingest.part import Ids, Part
from coprod_trust.ingest.problem import LateRefusal
from coprod_trust.ingest.reading import fold
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
    try:
        sql.run(
            con,
            "staging/base",
            base=first.base,
            staged=first.staged.table,
            first_row=first.staged.header_row + 1 if first.staged.in_order else None,
            id=id_use.name if id_use else None,
            normalise=study.ids.normalise,
            texts=[(u.name, u.storage) for u in uses.values() if not u.numeric and u.storage != "participant_id"],
            numbers=[(u.name, u.storage, u.storage_type) for u in uses.values() if u.numeric],
            names=names,
        )
    except duckdb.InvalidInputException:
        # The message of DuckDB quotes the row, so nothing of it is passed on.
        raise LateRefusal from None


def probe_ids(con: duckdb.DuckDBPyConnection, study: Study, parts: Sequence[Part]) -> None:
    """Look at the ids of a coded table once, for all the waves that read it."""
    use = parts[0].layout.of("id")
    if use is None:
        return
    row = sql.run(
        con,
        "checks/id_probe",
        base=parts[0].base,
        column=use.storage,
        pattern=study.ids.pattern,
        test=study.ids.test_pattern,
    ).fetchone()
    assert row is not None
    for part in parts:
        part.ids = Ids(*row)
    if Ids(*row).repeated:
        sql.run(con, "checks/repeated_ids", base=parts[0].base)


def code_texts(con: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> None:
    """Give every text in a number's place a code of its own (TEXT_CODE - n), so that all that follows is one domain."""
    part = parts[0]
    numbers = list({u.storage: u for p in parts for u in p.layout.read if u.numeric}.values())
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


def groups_of(study: Study) -> dict[str, str]:
    """Folded text: group. A group is written as its id, its label or one of its codes."""
    if study.groups.column is None:
        return {"": study.groups.participants}
    names: dict[str, str] = {}
    for group in study.groups.values:
        for name in (*group.codes, group.id, group.label):
            names.setdefault(fold(name), group.id)
    return names
