{# Group cells that differ from the group of the first wave; declared: those that follow a crossing. Grain: a cell. #}
SELECT source_id, row_number, group_name AS column_name, NULL AS scale, study_group AS found, first_group AS suggestion
FROM (
    SELECT s.*,
        first_value(study_group) OVER (PARTITION BY participant_id ORDER BY ordinal, row_number) AS first_group,
        (SELECT arg_max(c.study_group, c.date) FROM crossing AS c
         WHERE c.participant_id = s.participant_id AND (s.day IS NULL OR c.date <= s.day)) AS crossed
    FROM seen AS s WHERE study_group IS NOT NULL
)
WHERE {% if declared %}study_group = crossed AND study_group <> first_group{% else %}study_group <> coalesce(crossed, first_group){% endif %}

