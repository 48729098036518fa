{# Group cells that differ from the group of the first wave; declared: those that follow a crossing. Grain: a cell. #}
SELECT source_id, row_number, group_name AS column_name, NULL AS scale, study_group AS found, first_group AS suggestion
FROM (
    SELECT s.*,
        first_value(s.study_group) OVER (PARTITION BY s.participant_id ORDER BY s.ordinal, s.row_number) AS first_group,
{% if crossings %}
        (SELECT arg_max(c.study_group, c.date) FROM crossing AS c
         WHERE c.participant_id = s.participant_id AND (s.day IS NULL OR c.date <= s.day)) AS crossed
{% else %}
        NULL::VARCHAR AS crossed
{% endif %}
    FROM seen AS s WHERE s.study_group IS NOT NULL
)
WHERE {% if declared %}study_group = crossed AND study_group <> first_group{% else %}study_group <> coalesce(crossed, first_group){% endif %}

