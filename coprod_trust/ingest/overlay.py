"""Corrections, and releases with a value: laid over the file before the gate. The original is never edited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import duckdb

from coprod_trust.decisions import Correction, Release, path_of
from coprod_trust.errors import Reason, StudyError
from coprod_trust.ingest.layout import key_of
from coprod_trust.ingest.part import Part
from coprod_trust.store import StudyPaths, sql
from coprod_trust.study import Study


def lay_over(
    con: duckdb.DuckDBPyConnection,
    paths: StudyPaths,
    study: Study,
    parts: Sequence[Part],
    corrections: Iterable[Correction],
    releases: Iterable[Release],
) -> None:
    """Put a view with the corrected cells in the place of each staged table that any decision concerns.

    Of several decisions about one cell the last holds. Raises StudyError where a correction names a wave, column or
    file that is not there.
    """
    reasons: list[Reason] = []
    cells: dict[str, list[tuple[str, str, int | str, str | None]]] = {}
    file = str(path_of(paths.root, Correction))
    for correction in corrections:
        if correction.wave not in study.wave_ids:
            reasons.append(Reason("a correction names an unknown wave", "correct the column wave", file))
            continue
        here = [p for p in parts if p.wave == correction.wave and _is(p, correction.sha256)]
        if correction.sha256 is None and not here:
            continue
        named = [(p, column) for p in here if (column := _column(p, correction.column)) is not None]
        if here and not named:
            reasons.append(
                Reason(
                    f"a correction names a column that the files of wave {correction.wave} do not have",
                    "write the column as it stands in the file",
                    file,
                )
            )
        key: int | str = correction.row_number or str(correction.participant_id)
        for part, column in named:
            cells.setdefault(part.base, []).append((column, type(key).__name__, key, correction.value))
    for release in releases:
        if release.value is not None and release.row_number is not None and release.column is not None:
            for part in parts:
                if part.source_id == release.source_id:
                    cells.setdefault(part.base, []).append((release.column, "int", release.row_number, release.value))
    if reasons:
        raise StudyError(*reasons)
    for base, changes in cells.items():
        members = [p for p in parts if p.base == base]
        _view(con, study, members, changes)


def _view(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    parts: Sequence[Part],
    changes: Sequence[tuple[str, str, int | str, str | None]],
) -> None:
    staged = parts[0].staged
    id_use = parts[0].layout.of("id")
    by_column: dict[str, list[tuple[str, int | str, str | None]]] = {}
    for column, kind, key, value in reversed(changes):
        by_column.setdefault(column, []).append((kind, key, value))
    name = f"corrected_{parts[0].base}"
    sql.run(
        con,
        "staging/overlay",
        view=name,
        staged=staged.table,
        columns=[(c.name, by_column.get(c.name, [])) for c in staged.columns],
        id=id_use.name if id_use else None,
        normalise=study.ids.normalise,
    )
    for part in parts:
        part.staged = replace(part.staged, table=f"temp.main.{sql.ident(name)}")


def _is(part: Part, sha256: str | None) -> bool:
    return sha256 is None or part.staged.sha256.startswith(sha256)


def _column(part: Part, name: str) -> str | None:
    return next((c.name for c in part.staged.columns if key_of(c.name) == key_of(name)), None)
