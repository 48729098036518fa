-- What every column of this file means. Grain: a column of a table or view.
{% from "published/_comment.sql" import comment %}
CREATE VIEW dictionary AS
SELECT
    row_number() OVER (ORDER BY schema_name <> 'main', schema_name, table_name, column_index) AS ordinal,
    CASE schema_name WHEN 'main' THEN '' ELSE schema_name || '.' END || table_name AS table_name,
    column_name, data_type, comment AS meaning
FROM duckdb_columns()
WHERE NOT internal AND database_name = current_database();
{{ comment("VIEW", "dictionary", "What every column of this file means. Grain: a column of a table or view.", {
    "ordinal": "Place in the dictionary.",
    "table_name": "The table or view, with its schema where it has one.",
    "column_name": "The column.",
    "data_type": "Its type.",
    "meaning": "What it means.",
}) }}
