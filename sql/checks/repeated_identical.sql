{# Rows that repeat an earlier row of the same id in every column that is read. Grain: a row. #}
SELECT {{ part.source_id | text }} AS source_id, row_number, {{ file_column | text }} AS column_name, NULL AS scale,
    participant_id AS found, 'row ' || first_alike AS suggestion
FROM repeated WHERE row_number <> first_alike
