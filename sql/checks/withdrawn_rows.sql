{# Rows of people who withdrew before. Grain: a row. #}
SELECT DISTINCT source_id, row_number, NULL AS column_name, NULL AS scale, NULL AS found, NULL AS suggestion
FROM withdrawal WHERE source_id = {{ part.source_id | text }}
