{# Cells whose code breaks a rule. Grain: a cell. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name,
    {{ scale | text if scale else 'NULL' }} AS scale, m.found, m.suggestion
FROM staging.{{ part.base | ident }} AS b JOIN meaning AS m ON m.code = b.{{ column }}
WHERE m.rule = $code_rule AND {{ x.standing(part, 'b', ('blank', 'withdrawn', 'duplicate')) }}
