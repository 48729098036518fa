-- Whose trust fell most between two waves? (case selection among participants; not for a public report)
SELECT dimension, wave_from, wave_to, participant_id, round(change, 1) AS change, reliable_change
FROM change
JOIN study ON study_group = participants
WHERE dimension IS NOT NULL AND change < 0
QUALIFY row_number() OVER (PARTITION BY scale, wave_from, wave_to ORDER BY change, participant_id) <= 3
ORDER BY dimension, scale, wave_from, wave_to, change, participant_id;
