"""SQL from files: the only way a statement reaches the database.

Values are bound as ``$name``. What cannot be bound, names of tables and columns and the loops over them, is filled in
by Jinja with filters: ``ident`` quotes a name, ``text`` quotes a literal text, and ``literal`` writes any value that a
study declares (a number, a date, yes or no, nothing).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

_PACKAGED = Path(__file__).resolve().parent.parent / "_sql"
_CHECKOUT = Path(__file__).resolve().parents[2] / "sql"


def sql_root() -> Path:
    """The folder of SQL files: inside an installed package, else that of the checkout."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def ident(name: str) -> str:
    """A name of a table or column, quoted."""
    return '"' + str(name).replace('"', '""') + '"'


def text(value: str) -> str:
    """A literal text, quoted."""
    return "'" + str(value).replace("'", "''") + "'"


def literal(value: object) -> str:
    """A declared value as SQL: NULL, TRUE, a number, a DATE, or a quoted text. Numbers with a fraction are DOUBLE."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{text(repr(value))}::DOUBLE"
    if isinstance(value, date):
        return f"DATE {text(value.isoformat())}"
    return text(str(value))


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(  # noqa: S701 - SQL, not HTML; names go through ident and text
        loader=FileSystemLoader(sql_root()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled(),
    )
    env.filters["ident"] = ident
    env.filters["text"] = text
    env.filters["literal"] = literal
    env.filters["without"] = lambda mapping, *keys: {k: v for k, v in mapping.items() if k not in keys}
    return env


def _compiled() -> Any:
    """Where compiled templates are kept between runs, as Python keeps compiled modules; None without a safe place."""
    from jinja2 import FileSystemBytecodeCache

    try:
        return FileSystemBytecodeCache()
    except (RuntimeError, OSError):
        return None


def compile_templates(folder: str) -> None:
    """Compile every template of a folder ahead of its use; they are kept for the process."""
    for path in sorted((sql_root() / folder).glob("*.sql")):
        _environment().get_template(f"{folder}/{path.name}")


def render(name: str, **names: Any) -> str:
    """The text of ``sql/<name>.sql`` with names filled in."""
    return str(_environment().get_template(f"{name}.sql").render(**names))


def relation(con: duckdb.DuckDBPyConnection, name: str, **names: Any) -> duckdb.DuckDBPyRelation:
    """The query of ``sql/<name>.sql``, which is executed when its rows are taken."""
    return con.sql(render(name, **names))


def run(
    con: duckdb.DuckDBPyConnection, name: str, bind: Mapping[str, Any] | None = None, **names: Any
) -> duckdb.DuckDBPyConnection:
    """Run every statement of ``sql/<name>.sql``; the last one's result can be fetched from what is returned.

    ``bind`` holds the values of ``$name`` parameters; each statement takes those that it uses.
    """
    result = con
    for statement in con.extract_statements(render(name, **names)):
        wanted = {k: v for k, v in (bind or {}).items() if k in statement.named_parameters}
        result = con.execute(statement, wanted) if wanted else con.execute(statement)
    return result
