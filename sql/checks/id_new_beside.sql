{# First rows of people who were not there at the first wave; waves side by side in one file. Grain: a row. #}
SELECT [{% for s in sources %}{{ s | text }}{{ ", " if not loop.last }}{% endfor %}][p.waves[1]] AS source_id, p.row_number,
    {{ file_column | text }} AS column_name, NULL AS scale, b.participant_id AS found, NULL AS suggestion
FROM presence AS p JOIN staging.{{ base | ident }} AS b USING (row_number)
WHERE p.waves[1] > 1
