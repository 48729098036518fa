{# Answers of people whose group is not asked. Grain: a cell. #}
{% import 'staging/_expressions.sql' as x %}
{% import 'staging/_code.sql' as code %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name,
    {{ scale | text }} AS scale, ({{ code.value(field) }})::VARCHAR AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE {{ code.value(field) }} IS NOT NULL
    AND {{ x.lookup('b.' ~ group_column, groups) }} NOT IN ({% for g in field.asked %}{{ g | text }}{{ ", " if not loop.last }}{% endfor %})
    AND {{ x.standing(part, 'b') }}
