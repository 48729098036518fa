{# Ids that stood in no file when somebody withdrew; the id is not kept here, as it may be theirs. Grain: a row. #}
{% import 'staging/_expressions.sql' as x %}
SELECT {{ part.source_id | text }} AS source_id, b.row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    NULL AS found, NULL AS suggestion
FROM staging.{{ part.base | ident }} AS b
WHERE b.participant_id IS NOT NULL AND b.participant_id NOT IN (FROM known_before)
    AND {{ x.standing(part, 'b') }}
