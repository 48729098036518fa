{# Answers of people whose group is not asked. Grain: a cell. #}
{% import 'staging/_expressions.sql' as x %}
{% import 'staging/_code.sql' as code %}
WITH others AS MATERIALIZED (
    SELECT b.row_number{% for i in items %}, b.{{ i.storage }}{% endfor %}

    FROM staging.{{ part.base | ident }} AS b
    WHERE {{ x.lookup('b.' ~ group_column, groups) }} NOT IN ({% for g in asked %}{{ g | text }}{{ ", " if not loop.last }}{% endfor %})
        AND {{ x.standing(part, 'b') }}
)
{% for i in items %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ i.file_column | text }} AS column_name,
    {{ scale | text }} AS scale, ({{ code.value(i.field) }})::VARCHAR AS found, NULL AS suggestion
FROM others AS b
WHERE {{ code.value(i.field) }} IS NOT NULL
{{ "UNION ALL" if not loop.last }}
{% endfor %}
