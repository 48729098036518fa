-- Of rows that are alike the first is kept. Grain: a row.
INSERT INTO staging.fate
SELECT {{ part.source_id | text }}, row_number, 'duplicate' FROM repeated WHERE row_number <> first_alike;
