-- Whose trust fell most between two waves? (case selection; not for a public report)
SELECT participant_id, scale, wave_from, wave_to, round(change, 1) AS change, reliable_change
FROM change
QUALIFY row_number() OVER (PARTITION BY scale, wave_from, wave_to ORDER BY change, participant_id) <= 3
ORDER BY scale, wave_from, wave_to, change;
