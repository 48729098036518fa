{# People whose answers are those of the wave before again. Grain: a row. #}
SELECT b.source_id, b.row_number, NULL AS column_name, NULL AS scale, NULL AS found, NULL AS suggestion
FROM answer.{{ later | ident }} AS b JOIN answer.{{ earlier | ident }} AS a USING (participant_id)
WHERE {% for i in items %}a.{{ i | ident }} IS NOT DISTINCT FROM b.{{ i | ident }}{{ " AND " if not loop.last }}{% endfor %}

    AND {% for i in items %}(b.{{ i | ident }} IS NOT NULL)::INTEGER{{ " + " if not loop.last }}{% endfor %} >= $least
