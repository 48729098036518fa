-- How many dated rows lie outside the fieldwork, and how many are dated. Grain: one row.
{% import 'staging/_expressions.sql' as x %}
SELECT count(*) FILTER (day < $start OR day > $end), count(day)
FROM (
    SELECT {{ x.day('b.' ~ column, part) }} AS day
    FROM staging.{{ part.base | ident }} AS b
    WHERE {{ x.standing(part, 'b') }}
)
WHERE day <= $today;
