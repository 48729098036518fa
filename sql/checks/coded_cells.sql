-- Writes down the cells whose code breaks a rule. None of these rules can be released without a value. Grain: a cell.
{% import 'staging/_expressions.sql' as x %}
INSERT INTO noticed
SELECT
    {{ part.source_id | text }}, {{ part.name | text }}, {{ part.wave | text }}, c.row_number, m.column_name, m.rule,
    m.severity, 'cell', m.scale, m.found, m.message, m.expected, m.fix, m.suggestion, 'open'
FROM (
{% for position, column, codes in columns %}
    {{ "UNION ALL" if not loop.first }}
    SELECT b.row_number, {{ position }} AS position, b.{{ column }}::DOUBLE AS code
    FROM staging.{{ part.base | ident }} AS b
    WHERE b.{{ column }} IN ({{ codes | join(", ") }})
{% endfor %}
) AS c
JOIN meaning AS m ON m.position = c.position AND m.code = c.code
WHERE {{ x.standing(part, 'c', ('blank', 'withdrawn', 'duplicate')) }};
