{# Rows that share an id and differ. Grain: a row. #}
SELECT {{ part.source_id | text }} AS source_id, row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    participant_id AS found, NULL AS suggestion
FROM repeated WHERE row_number = first_alike AND alike < together
