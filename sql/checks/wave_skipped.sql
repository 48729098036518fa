{# Rows of people who come back after a wave without them. Grain: a row. #}
SELECT source_id, row_number, id_name AS column_name, NULL AS scale, participant_id AS found, NULL AS suggestion
FROM (
    SELECT s.*, w.place, lag(w.place) OVER (PARTITION BY participant_id ORDER BY w.place) AS before
    FROM seen AS s JOIN (SELECT ordinal, row_number() OVER (ORDER BY ordinal) AS place FROM (SELECT DISTINCT ordinal FROM seen)) AS w
        USING (ordinal)
)
WHERE place - before > 1
