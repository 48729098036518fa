"""Writes docs/sql.md from the comments of the published database and the examples.

python -m tests.store.sql_docs > docs/sql.md
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from coprod_trust.store import sql
from coprod_trust.store.query import published
from tests.store.published import publish_small

HEAD = """\
# The published database

Every run puts a new `published/trust.duckdb` in the study's folder. It is one file, read-only, never written in place:
whoever has it open keeps what they opened, and nobody who reads can hold up a run. DuckDB 1.4 and later opens it.

```
coprod-trust sql my-study "SELECT scale, wave, avg(pomp) FROM score GROUP BY ALL ORDER BY ALL"
coprod-trust sql my-study --format csv - < query.sql
duckdb -readonly my-study/published/trust.duckdb
```

`coprod-trust sql` reaches this file and no other. In Python: `duckdb.connect("my-study/published/trust.duckdb",
read_only=True)`; in R: `dbConnect(duckdb::duckdb(), "my-study/published/trust.duckdb", read_only = TRUE)`.
[analysts.md](analysts.md) shows these and other programs; [notebook.ipynb](notebook.ipynb) is a beginning.

What is in it is pseudonymous, for analysts inside the organisation: people under the study's own ids, no free text but
what may be quoted, and no value that a rule kept out. Scores are in POMP points: 0 is the lower end of the answer
scale, 100 the upper. A person's scores stand side by side in `score_wide`; `score`, `response` and `change` are long
views.

The meaning of each table, view and column is also in the file: `SELECT table_name, column_name, comment FROM
duckdb_columns()`.
"""


def document(root: Path) -> str:
    """The page for the study published at ``root``."""
    parts = [HEAD, "## Examples\n"]
    for path in examples():
        lines = path.read_text(encoding="utf-8").splitlines()
        parts.append(f"### {title(path)}\n\n```sql\n" + "\n".join(lines[1:]) + "\n```\n")
    parts.append("## Tables and views\n")
    parts.append(
        "Those with answers and scores side by side have a column for each item, scale and covariate of the study. "
        "They are shown for a study with the scales `provider`, `municipal`, `generalized` and `peers` and the waves "
        "`w1` to `w3`.\n"
    )
    with published(root) as con:
        relations = con.execute(
            "FROM (SELECT schema_name, table_name AS name, comment, 'table' AS kind FROM duckdb_tables() UNION ALL "
            "SELECT schema_name, view_name, comment, 'view' FROM duckdb_views() WHERE NOT internal) "
            "ORDER BY schema_name <> 'main', schema_name, name"
        ).fetchall()
        for schema, name, comment, kind in relations:
            if schema != "main" and not name.endswith("1"):
                continue
            full = name if schema == "main" else f"{schema}.{name}"
            parts.append(
                f"### {full}\n\n{comment} ({kind.capitalize()}.)\n\n| column | type | meaning |\n|---|---|---|"
            )
            columns = con.execute(
                "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? "
                "ORDER BY column_index",
                [schema, name],
            ).fetchall()
            parts.append("\n".join(f"| `{c}` | {t.lower()} | {m} |" for c, t, m in columns) + "\n")
    return "\n".join(parts)


def examples() -> list[Path]:
    """The example queries, by name."""
    return sorted((sql.sql_root() / "examples").glob("*.sql"))


def title(path: Path) -> str:
    """The question that an example answers: its first line."""
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("-- ")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        publish_small(Path(folder) / "study")
        print(document(Path(folder) / "study"), end="")
