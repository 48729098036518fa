"""The data dictionary as one HTML page that needs nothing else: the instrument, then every table and column."""

from __future__ import annotations

from pathlib import Path

from coprod_trust import __version__
from coprod_trust.export.formats import Built
from coprod_trust.store.query import published
from coprod_trust.study import Study, load_study

TEMPLATE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data dictionary: {{ study.title }}</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}caption{text-align:left;font-style:italic;padding:.3rem 0}
th,td{border-bottom:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}code{font-size:.95em}
nav a{margin-right:.8rem}h2{margin-top:2.5rem}
</style></head><body>
<h1>Data dictionary: {{ study.title }}</h1>
{% if study.synthetic %}<p><strong>{{ study.synthetic }}</strong></p>{% endif %}
<p>Of <code>published/trust.duckdb</code>, run {{ run[0] }} on the data of waves up to {{ run[1] }}, by coprod-trust
{{ version }}. The same stands in the database: <code>FROM dictionary</code>.</p>
<nav aria-label="Tables">{% for t in tables %}<a href="#{{ t.id }}">{{ t.name }}</a> {% endfor %}</nav>
<main>
<h2 id="instrument">The instrument</h2>
{% for s in scales %}
<h3>{{ s.label }} (<code>{{ s.id }}</code>)</h3>
<p>{% if s.dimension %}Dimension: {{ s.dimension }}. {% endif %}Answers from {{ s.low }} to {{ s.high }}
{%- if s.reversed %}; reversed items are turned before scoring{% endif %}. {{ s.how }}</p>
<table><caption>Items of {{ s.label }}, with the answers of each wave</caption>
<thead><tr><th scope="col">item</th><th scope="col">wording</th>
{% for w in waves %}<th scope="col">{{ w }}</th>{% endfor %}
</tr></thead><tbody>
{% for i in s["items"] %}<tr><th scope="row"><code>{{ i.id }}</code>{% if i.reverse %} (reversed){% endif %}</th>
<td>{{ i.wording }}</td>{% for a in i.answers %}<td>{{ a }}</td>{% endfor %}</tr>{% endfor %}
</tbody></table>
{% endfor %}
<h2>Tables and columns</h2>
{% for t in tables %}
<h3 id="{{ t.id }}"><code>{{ t.name }}</code></h3><p>{{ t.comment }}</p>
<table><caption>Columns of {{ t.name }}</caption>
<thead><tr><th scope="col">column</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>
{% for c in t.columns %}<tr><th scope="row"><code>{{ c[0] }}</code></th><td>{{ c[1] }}</td><td>{{ c[2] }}</td></tr>
{% endfor %}
</tbody></table>
{% endfor %}
</main></body></html>
"""


def build(root: Path, form: str, table: str | None = None) -> Built:
    """The page."""
    from jinja2 import Environment

    study = load_study(root)
    with published(root) as con:
        run = con.execute("SELECT run_id, wave FROM run ORDER BY started_at DESC LIMIT 1").fetchone()
        columns = con.execute(
            "SELECT table_name, column_name, lower(data_type), meaning FROM dictionary ORDER BY ordinal"
        ).fetchall()
        comments = dict(con.execute(
            "SELECT CASE schema_name WHEN 'main' THEN '' ELSE schema_name || '.' END || table_name, comment "
            "FROM duckdb_tables() UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
        ).fetchall())  # fmt: skip
        counts = {
            (item, wave): (answered, missing)
            for item, wave, answered, missing in con.execute(
                "SELECT item, wave, count(value), count(*) - count(value) FROM response GROUP BY ALL"
            ).fetchall()
        }
    waves = [w for w in study.wave_ids if any(key[1] == w for key in counts)]
    names = list(dict.fromkeys(name for name, *_ in columns))
    tables = [
        {
            "name": name,
            "id": name.replace(".", "-"),
            "comment": comments.get(name) or "",
            "columns": [rest for first, *rest in columns if first == name],
        }
        for name in names
    ]
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(TEMPLATE)
    text = page.render(
        study=study, run=run, version=__version__, waves=waves, tables=tables, scales=_scales(study, waves, counts)
    )
    return Built(text.encode())


def _scales(study: Study, waves: list[str], counts: dict[tuple[str, str], tuple[int, int]]) -> list[dict[str, object]]:
    return [
        {
            "id": s.id,
            "label": s.label,
            "dimension": s.dimension.value if s.dimension else None,
            "low": f"{s.low:g}",
            "high": f"{s.high:g}",
            "reversed": any(i.reverse for i in s.items),
            "how": f"A score needs {s.needed} of {len(s.items)} items." if s.scored else "A profile without a total.",
            "items": [
                {
                    "id": i.id,
                    "wording": i.wording,
                    "reverse": i.reverse,
                    "answers": [_count(counts.get((i.id, w))) for w in waves],
                }
                for i in s.items
            ],
        }
        for s in study.scales
    ]


def _count(count: tuple[int, int] | None) -> str:
    return "not asked" if count is None else f"{count[0]} answered, {count[1]} missing"
