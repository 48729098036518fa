-- Codes that are not plainly valid, what was written, and in how many rows. Grain: column x code.
{% import 'staging/_expressions.sql' as x %}
{% for position, column, odd in columns %}
{{ "UNION ALL" if not loop.first }}
SELECT {{ position }} AS position, b.{{ column }}::DOUBLE AS code,
    {{ "coalesce(min(t.text), " if texts }}regexp_replace(b.{{ column }}::VARCHAR, '\.0$', ''){{ ")" if texts }} AS found,
    count(*) AS n
FROM staging.{{ part.base | ident }} AS b
{% if texts %}
LEFT JOIN staging.{{ (part.base ~ '_text') | ident }} AS t ON t.code = b.{{ column }}
{% endif %}
WHERE {{ odd }} AND b.{{ column }} <> $held_code
{% if held %}
    AND {{ x.standing(part, 'b', ('blank', 'withdrawn', 'duplicate')) }}
{% endif %}
GROUP BY b.{{ column }}
{% endfor %}
ORDER BY position, code;
