{# Rows of people who come back after a wave without them; waves side by side in one file. Grain: a row. #}
SELECT [{% for s in sources %}{{ s | text }}{{ ", " if not loop.last }}{% endfor %}][place] AS source_id, row_number,
    {{ file_column | text }} AS column_name, NULL AS scale, participant_id AS found, NULL AS suggestion
FROM (
    SELECT p.row_number, b.participant_id, unnest(p.waves) AS place, p.waves
    FROM presence AS p JOIN staging.{{ base | ident }} AS b USING (row_number)
)
WHERE place > waves[1] AND NOT list_contains(waves, place - 1)
