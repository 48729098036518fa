{# Rows with answers and no id. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    b.{{ column }} AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE b.participant_id IS NULL AND {{ x.standing(part, 'b') }}
