{# Rows whose id is a later spelling of another. Grain: a row. #}
{% import 'checks/_near.sql' as near %}
SELECT s.source_id, s.row_number, s.id_name AS column_name, NULL AS scale, s.participant_id AS found,
    k.stands AS suggestion
FROM seen AS s
JOIN (
    SELECT participant_id, first_value(participant_id) OVER (PARTITION BY key ORDER BY first) AS stands
    FROM (
        SELECT participant_id, {{ near.key('participant_id') }} AS key, min((ordinal, row_number)) AS first
        FROM seen GROUP BY participant_id
    )
    WHERE key <> ''
    QUALIFY count(*) OVER (PARTITION BY key) > 1
) AS k ON k.participant_id = s.participant_id AND k.stands <> s.participant_id
