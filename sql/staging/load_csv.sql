-- A CSV file as a table of text: grain, a record of the file below the column names, in the file's order (rowid).
-- Nothing is guessed: any row that does not fit makes the load fail, and the file is then read record by record.
CREATE OR REPLACE TEMP TABLE {{ table | ident }} AS
SELECT *
FROM read_csv(
    $path, auto_detect = false, header = false, skip = $skip, delim = $delimiter, quote = $quote, escape = $quote,
    strict_mode = true, null_padding = false, ignore_errors = false, parallel = true, max_line_size = 16777216,
    encoding = 'utf-8', columns = $columns
);
