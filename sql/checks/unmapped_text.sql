{# Cells with a word that the study does not know. Grain: a cell. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    b.{{ column }} AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE b.{{ column }} IS NOT NULL
    AND {{ x.fold('b.' ~ column) }} NOT IN ({% for k in known %}{{ k | text }}{{ ", " if not loop.last }}{% endfor %})
    AND {{ x.standing(part, 'b') }}
