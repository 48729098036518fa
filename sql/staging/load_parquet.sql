-- A Parquet file as a table of text: grain, a row of the file, in its order (rowid). Whole numbers stand without .0 and
-- dates at midnight without a time, as a person would write them.
CREATE OR REPLACE TEMP TABLE {{ table | ident }} AS
SELECT
{% for name, kind in columns %}
    {% set c = name | ident %}
    {% if kind == 'real' %}
    CASE WHEN {{ c }} = trunc({{ c }}) AND abs({{ c }}) < 1e15 THEN {{ c }}::BIGINT::VARCHAR ELSE {{ c }}::VARCHAR END
    {% elif kind == 'time' %}
    CASE WHEN {{ c }} = date_trunc('day', {{ c }}) THEN {{ c }}::DATE::VARCHAR ELSE {{ c }}::VARCHAR END
    {% else %}
    {{ c }}::VARCHAR
    {% endif %} AS {{ c }}{{ "," if not loop.last }}
{% endfor %}
FROM read_parquet($path);
