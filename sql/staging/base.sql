-- A staged file with every number as a number, kept so that answers can be traced to their row.
-- Grain: a row of the file. t<position>: text as written; n<position>: number, NULL where the text is none (then odd).
{% import 'staging/_expressions.sql' as x %}
CREATE TABLE staging.{{ base | ident }} AS
SELECT
    {# Numbering rows while a file is read would keep it from being read by two threads. -#}
    {{ "row_number" if first_row is none else "NULL::BIGINT AS row_number" }},
    {{ x.participant(id | ident, normalise) if id else 'NULL::VARCHAR' }} AS participant_id,
{% for name, storage in texts %}
    {{ name | ident }} AS {{ storage }},
{% endfor %}
{% for name, storage, type in numbers %}
    TRY_CAST({{ name | ident }} AS {{ type }}) AS {{ storage }},
{% endfor %}
    {% for name, storage, type in numbers %}({{ name | ident }} IS NOT NULL AND {{ storage }} IS NULL) OR {% endfor %}FALSE AS odd,
    {# A CASE, since DuckDB works out both sides of an AND for every row. -#}
    CASE {{ "WHEN " ~ (id | ident) ~ " IS NOT NULL THEN FALSE" if id else "WHEN FALSE THEN NULL" }} ELSE coalesce({% for name in names %}{{ name | ident }}, {% endfor %}NULL) IS NULL END AS blank
FROM {{ staged }};
{% if first_row is not none %}
UPDATE staging.{{ base | ident }} SET row_number = rowid + {{ first_row }};
{% endif %}
