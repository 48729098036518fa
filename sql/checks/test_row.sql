{# Rows of tests or staff, by the id or by the platform's status. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    b.{{ column }} AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE (
{% if pattern %}
    regexp_full_match(b.participant_id, {{ pattern | text }}) OR regexp_full_match(b.{{ column }}, {{ pattern | text }})
{% else %}
    {{ x.fold('b.' ~ column) }} IN ({% for v in values %}{{ v | text }}{{ ", " if not loop.last }}{% endfor %})
{% endif %}
) AND {{ x.standing(part, 'b') }}
