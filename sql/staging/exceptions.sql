-- Codes of a column that are not plainly valid, and what was written. Grain: a code.
SELECT DISTINCT
    b.{{ column }}::DOUBLE AS code,
{% if texts %}
    coalesce(t.text, regexp_replace(b.{{ column }}::VARCHAR, '\.0$', '')) AS found
{% else %}
    regexp_replace(b.{{ column }}::VARCHAR, '\.0$', '') AS found
{% endif %}
FROM staging.{{ base | ident }} AS b
{% if texts %}
LEFT JOIN staging.{{ (base ~ '_text') | ident }} AS t ON t.code = b.{{ column }}
{% endif %}
WHERE b.{{ column }} IS NOT NULL AND NOT {{ valid }} AND b.{{ column }} <> $held_code
ORDER BY code;
