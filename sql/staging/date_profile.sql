-- How a date column is written: dates of the form number-number-year, those with a first or a second number above 12,
-- those with years of two digits, and the first row of each kind. Grain: one row.
WITH d AS (
    SELECT
        row_number,
        regexp_extract({{ column }}, '^(\d{1,2})[-/. ](\d{1,2})[-/. ]\d{4}', 1) AS first,
        regexp_extract({{ column }}, '^(\d{1,2})[-/. ](\d{1,2})[-/. ]\d{4}', 2) AS second,
        regexp_matches({{ column }}, '^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}(\D|$)') AS short
    FROM staging.{{ base | ident }}
    WHERE {{ column }} IS NOT NULL
)
SELECT
    count(*) FILTER (first <> ''),
    count(*) FILTER (TRY_CAST(first AS INTEGER) > 12 AND TRY_CAST(second AS INTEGER) <= 12),
    count(*) FILTER (TRY_CAST(second AS INTEGER) > 12 AND TRY_CAST(first AS INTEGER) <= 12),
    count(*) FILTER (short),
    min(row_number) FILTER (first <> ''),
    min(row_number) FILTER (short)
FROM d;
