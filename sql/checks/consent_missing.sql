{# Rows without the consent to take part. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    {{ 'b.' ~ column if column else 'NULL' }} AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE {% if column %}coalesce({{ x.fold('b.' ~ column) }}, '') NOT IN ({% for v in granted %}{{ v | text }}{{ ", " if not loop.last }}{% endfor %}) AND {% endif %}{{ x.standing(part, 'b') }}
