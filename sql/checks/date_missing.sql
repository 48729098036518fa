{# Rows without a date. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name,
    NULL AS scale, NULL AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE b.{{ column }} IS NULL AND {{ x.standing(part, 'b') }}
