{# First rows of people who were not there at the first wave. Grain: a row. #}
SELECT source_id, row_number, id_name AS column_name, NULL AS scale, participant_id AS found, NULL AS suggestion
FROM seen
QUALIFY ordinal = min(ordinal) OVER (PARTITION BY participant_id) AND ordinal > min(ordinal) OVER ()
