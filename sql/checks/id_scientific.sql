{# Ids that a spreadsheet has turned into a number such as 1.2E+11. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    b.{{ column }} AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE regexp_full_match(b.{{ column }}, '\d+([.,]\d+)?[eE]\+?\d+') AND {{ x.standing(part, 'b') }}
