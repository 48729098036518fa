{# Ids that do not look like the study's ids. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    b.{{ column }} AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE NOT regexp_full_match(b.participant_id, {{ pattern | text }})
    AND NOT regexp_full_match(b.{{ column }}, '\d+([.,]\d+)?[eE]\+?\d+')
{% if test %}
    AND NOT regexp_full_match(b.participant_id, {{ test | text }}) AND NOT regexp_full_match(b.{{ column }}, {{ test | text }})
{% endif %}
    AND {{ x.standing(part, 'b') }}
