{# People whose answers are those of the wave before again; both waves lie side by side in one file. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
{% import 'staging/_code.sql' as code %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, NULL AS column_name, NULL AS scale, NULL AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE {% for a, c in pairs %}{{ a.column }} IS NOT DISTINCT FROM {{ c.column }}{{ " AND " if not loop.last }}{% endfor %}

    AND {% for a, c in pairs %}({{ code.value(c) }} IS NOT NULL)::INTEGER{{ " + " if not loop.last }}{% endfor %} >= $least
    AND {{ x.standing(part, 'b') }}
