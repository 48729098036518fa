-- Waves side by side in one file: where a row of the file stands. Grain: a row that does not stand in every wave;
-- waves holds the places (1, 2, ...) of those in which it does.
CREATE OR REPLACE TEMP TABLE presence AS
SELECT row_number, list_filter({{ range(1, sources | length + 1) | list }}, lambda w: NOT list_contains(left_out, w)) AS waves
FROM (
    SELECT row_number, list(list_position([{% for s in sources %}{{ s | text }}{{ ", " if not loop.last }}{% endfor %}], source_id)) AS left_out
    FROM staging.fate GROUP BY row_number
);
