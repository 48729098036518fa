"""Reading the published database: read-only, and nothing but that one file.

A reader never stands in the way of a run: the run puts a new file in the place of the old one, and whoever has the old
one open keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from coprod_trust.errors import Reason, StorageError, StudyError, UsageError, quoted
from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.work import MEMORY_LIMIT, is_damage

PORTFOLIO = "portfolio.duckdb"
_BATCH = 10_000
_LOCKED_DOWN = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": MEMORY_LIMIT,
    "lock_configuration": "true",
}


class Answer:
    """The rows of a query: ``names`` of the columns, and the rows one by one as they are asked for, once."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self.names: tuple[str, ...] = tuple(column[0] for column in con.description or ())

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        while batch := self._fetch():
            yield from batch

    def _fetch(self) -> list[tuple[object, ...]]:
        try:
            return self._con.fetchmany(_BATCH)
        except duckdb.Error as error:
            if is_damage(error):
                raise
            raise _refusal(error) from None


@contextmanager
def published(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published database of the study (or portfolio) at ``root``, opened read-only with no way to any other file.

    Raises StudyError where nothing was published yet, StorageError where the file cannot be read.
    """
    path = StudyPaths(root).published
    if not path.is_file() and (of_many := path.with_name(PORTFOLIO)).is_file():
        path = of_many
    if not path.is_file():
        raise StudyError(Reason("nothing has been published yet", f"first: coprod-trust run {quoted(root)}", str(path)))
    try:
        con = duckdb.connect(str(path), read_only=True, config=dict(_LOCKED_DOWN))
    except duckdb.Error:
        raise StorageError(
            Reason(
                "the published database cannot be opened",
                f"close any program that opened it for writing; or make it anew: coprod-trust run {quoted(root)}",
                str(path),
            )
        ) from None
    try:
        yield con
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        raise StorageError(
            Reason("the published database is damaged", f"make it anew: coprod-trust run {quoted(root)}", str(path))
        ) from None
    finally:
        con.close()


@contextmanager
def query(root: Path, statement: str) -> Iterator[Answer]:
    """The answer to one SQL statement on the published database.

    Raises UsageError where the statement cannot be run; its message holds no value of the data.
    """
    with published(root) as con:
        try:
            statements = con.extract_statements(statement)
            if len(statements) != 1:
                raise UsageError(Reason(f"{len(statements)} statements were given", "give one SELECT statement"))
            con.execute(statements[0])
        except duckdb.Error as error:
            if is_damage(error):
                raise
            raise _refusal(error) from None
        yield Answer(con)


def spreadsheet_safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front; all else stays as it is."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


_ABOUT_THE_STATEMENT = (
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.SyntaxException,
    duckdb.PermissionException,
)


def _refusal(error: duckdb.Error) -> UsageError:
    """What DuckDB says, where that is about the statement; errors that arise from rows may quote them."""
    if isinstance(error, _ABOUT_THE_STATEMENT):
        message = " ".join(str(error).split("\n\nLINE")[0].split())
        return UsageError(Reason(message, "docs/sql.md lists the views, their columns and examples"))
    if "read-only" in str(error):
        return UsageError(Reason("the published database is read-only", "ask with SELECT"))
    kind = type(error).__name__.removesuffix("Exception").lower() or "database"
    return UsageError(
        Reason(
            f"the query failed on a row ({kind} error)",
            "where a value cannot be converted, use TRY_CAST; where memory runs out, ask for less at once",
        )
    )
