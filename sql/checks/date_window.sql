{# Rows dated outside the fieldwork, with the number of days. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    day::VARCHAR || CASE
        WHEN day < $start THEN ', ' || ($start::DATE - day) || ' days before the first day'
        ELSE ', ' || (day - $end::DATE) || ' days after the last day'
    END AS found,
    NULL AS suggestion
FROM (
    SELECT b.row_number, {{ x.day('b.' ~ column, part) }} AS day
    FROM staging.{{ part.base | ident }} AS b
    WHERE {{ x.standing(part, 'b') }}
)
WHERE day <= $today AND (day < $start OR day > $end)
