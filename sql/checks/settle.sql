-- Settles the fate of rows that an open problem holds back. Grain: a row.
INSERT INTO staging.fate
SELECT DISTINCT source_id, row_number, 'quarantined'
FROM noticed
WHERE scope = 'row' AND rule <> 'birth-year-differs' AND severity = 'quarantine' AND status = 'open' AND row_number IS NOT NULL
    AND (source_id, row_number) NOT IN (SELECT (source_id, row_number) FROM staging.fate);
