-- Codes of a column that are not plainly valid, what was written, and in how many rows. Grain: a code.
{% import 'staging/_expressions.sql' as x %}
SELECT
    b.{{ column }}::DOUBLE AS code,
{% if texts %}
    coalesce(min(t.text), regexp_replace(b.{{ column }}::VARCHAR, '\.0$', '')) AS found,
{% else %}
    regexp_replace(b.{{ column }}::VARCHAR, '\.0$', '') AS found,
{% endif %}
    count(*)
FROM staging.{{ part.base | ident }} AS b
{% if texts %}
LEFT JOIN staging.{{ (part.base ~ '_text') | ident }} AS t ON t.code = b.{{ column }}
{% endif %}
WHERE b.{{ column }} IS NOT NULL AND NOT {{ valid }} AND b.{{ column }} <> $held_code
{% if held %}
    AND {{ x.standing(part, 'b', ('blank', 'withdrawn', 'duplicate')) }}
{% endif %}
GROUP BY b.{{ column }}
ORDER BY code;
