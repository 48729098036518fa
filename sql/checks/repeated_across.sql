{# Rows of a person who stands in another file of the wave too, with another value in a shared column. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    b.participant_id AS found, min({{ other.name | text }} || ', row ' || o.row_number) AS suggestion
FROM staging.{{ part.base | ident }} AS b
JOIN staging.{{ other.base | ident }} AS o ON o.participant_id = b.participant_id
WHERE {{ x.standing(part, 'b') }} AND {{ x.standing(other, 'o') }}
    AND ({% for here, there in columns %}b.{{ here }} <> o.{{ there }}{{ " OR " if not loop.last }}{% endfor %})
GROUP BY ALL
