-- The rows behind a finding: who of its population has a score on everything that it is about, in each of its waves, and
-- the file and row that the answers come from. Grain: person x wave.
WITH people AS (
    SELECT participant_id, study_group
    FROM score_wide
    WHERE {% for column in columns %}{{ column | ident }} IS NOT NULL AND {% endfor %}
        ($study_group IS NULL OR study_group = $study_group)
)
SELECT r.participant_id, p.study_group, r.wave, r.name AS file, r.sha256, r.row_number
FROM people AS p
JOIN source_row AS r USING (participant_id)
JOIN wave AS w USING (wave)
WHERE list_contains($waves, r.wave)
ORDER BY r.participant_id, w.ordinal;
