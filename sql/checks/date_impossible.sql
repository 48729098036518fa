{# Dates that are none, do not exist or lie in the future. Grain: a cell. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name,
    NULL AS scale, b.{{ column }} AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE b.{{ column }} IS NOT NULL AND coalesce({{ x.day('b.' ~ column, part) }} > $today, TRUE)
    AND {{ x.standing(part, 'b') }}
