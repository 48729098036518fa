-- A large CSV file as a view of text, so that it is parsed straight into the table that is kept: grain and columns as
-- in load_csv.sql. rowid numbers the records from 0, in the file's order.
CREATE OR REPLACE TEMP VIEW {{ table | ident }} AS
SELECT row_number() OVER () - 1 AS rowid, *
FROM read_csv(
    {{ path | text }}, auto_detect = false, header = false, skip = {{ skip }}, delim = {{ delimiter | text }},
    quote = {{ quote | text }}, escape = {{ quote | text }}, strict_mode = true, null_padding = false,
    ignore_errors = false, parallel = true, max_line_size = 16777216, encoding = 'utf-8',
    columns = { {% for c in columns %}{{ c | text }}: 'VARCHAR'{{ ", " if not loop.last }}{% endfor %} }
);
