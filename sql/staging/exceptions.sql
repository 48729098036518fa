-- Codes that are not plainly valid, what was written, and in how many rows. Grain: column x code.
{% import 'staging/_expressions.sql' as x %}
SELECT c.position, c.code,
    {{ "coalesce(min(t.text), " if texts }}regexp_replace(min(c.number), '\.0$', ''){{ ")" if texts }} AS found,
    count(*) AS n
FROM (
{% for position, column, odd in columns %}
    {{ "UNION ALL" if not loop.first }}
    SELECT {{ position }} AS position, b.row_number, b.{{ column }}::DOUBLE AS code, b.{{ column }}::VARCHAR AS number
    FROM staging.{{ part.base | ident }} AS b
    WHERE {{ odd }} AND b.{{ column }} <> $held_code
{% endfor %}
) AS c
{% if texts %}
LEFT JOIN staging.{{ (part.base ~ '_text') | ident }} AS t ON t.code = c.code
{% endif %}
{% if held %}
WHERE {{ x.standing(part, 'c', ('blank', 'withdrawn', 'duplicate')) }}
{% endif %}
GROUP BY c.position, c.code
ORDER BY c.position, c.code;
