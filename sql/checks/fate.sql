{# Rows with a certain fate. Grain: a row. #}
SELECT source_id, row_number, NULL AS column_name, NULL AS scale, NULL AS found, NULL AS suggestion
FROM staging.fate WHERE source_id = {{ part.source_id | text }} AND fate = {{ fate | text }}
