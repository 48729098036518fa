-- The rows behind a finding: the people of its population who have every required score, and the file and row of each
-- wave in which they have any of the scores. Grain: person x wave.
WITH people AS (
    SELECT participant_id, study_group,
        [
            {% for wave, columns in scores.items() %}
            CASE WHEN coalesce({{ columns | map("ident") | join(", ") }}) IS NOT NULL THEN {{ wave | literal }} END
            {{- "," if not loop.last }}
            {% endfor %}
        ] AS waves
    FROM score_wide
    WHERE {% for column in required %}{{ column | ident }} IS NOT NULL AND {% endfor %}
        ($study_group IS NULL OR study_group = $study_group)
)
SELECT r.participant_id, p.study_group, r.wave, r.name AS file, r.sha256, r.row_number
FROM people AS p
JOIN source_row AS r USING (participant_id)
JOIN wave AS w USING (wave)
WHERE list_contains(p.waves, r.wave)
ORDER BY r.participant_id, w.ordinal;
