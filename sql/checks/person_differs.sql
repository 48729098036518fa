{# Rows that state something else of a person than the first row that states it. Grain: a row. #}
SELECT source_id, row_number, {{ (column ~ '_name') | ident }} AS column_name, NULL AS scale,
    {{ column | ident }} AS found, first_stated || ' at wave ' || first_wave AS suggestion
FROM (
    SELECT *,
        first_value({{ column | ident }}) OVER w AS first_stated,
        first_value(wave) OVER w AS first_wave
    FROM seen WHERE {{ column | ident }} IS NOT NULL
    WINDOW w AS (PARTITION BY participant_id ORDER BY ordinal, row_number)
)
WHERE {{ column | ident }} <> first_stated
