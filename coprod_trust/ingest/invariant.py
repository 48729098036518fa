"""rows in = accepted + quarantined + exact duplicates + blank + withdrawn, for every file, at every run.

A violation is a defect of this program, never a mistake of a user, so it is no UserError.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from coprod_trust.ingest.part import Part
from coprod_trust.store import sql


class InvariantBroken(RuntimeError):
    """A row was lost, counted twice, or stands in the answers without having been accepted."""


def assert_invariant(con: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> None:
    """Count again, from the coded tables and the answers, what source_file says. Raises InvariantBroken."""
    accepted: dict[str, int] = {}
    for part in parts:
        row = sql.run(con, "checks/invariant", {"source_id": part.source_id}, part=part).fetchone()
        record = con.execute(
            "SELECT rows_in, accepted, quarantined, duplicates, blank, withdrawn FROM source_file WHERE source_id = ?",
            [part.source_id],
        ).fetchone()
        assert row is not None
        assert record is not None
        coded, standing, settled, settled_rows, settled_here = row
        erased = settled - settled_here
        broken = [
            what
            for what, holds in (
                ("the record does not add up", record[0] == sum(record[1:])),
                ("the reader and the coded table count other rows", record[0] == coded + erased),
                ("a row has two fates", settled == settled_rows),
                ("rows that stand are not those accepted", standing == record[1]),
                ("erased rows are not those withdrawn", erased <= record[5]),
            )
            if not holds
        ]
        if broken:
            raise InvariantBroken(f"{part.name}, wave {part.wave}: {'; '.join(broken)}")
        accepted[part.wave] = accepted.get(part.wave, 0) + record[1]
    for wave, rows in accepted.items():
        files = sum(p.wave == wave for p in parts)
        row = con.execute(f"SELECT count(*) FROM answer.{sql.ident(wave)}").fetchone()
        assert row is not None
        if row[0] != rows if files == 1 else row[0] > rows:
            raise InvariantBroken(f"wave {wave}: the answers are not the accepted rows")
