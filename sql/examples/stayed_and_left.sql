-- Did participants who left trust less at the start than those who stayed?
WITH latest AS (SELECT max(ordinal) AS ordinal FROM wave WHERE n_people > 0)
SELECT s.scale,
       CASE WHEN l.ordinal = latest.ordinal THEN 'stayed' ELSE 'left' END AS later,
       count(s.pomp) AS people, round(avg(s.pomp), 1) AS mean_at_first_wave
FROM participant AS p
JOIN wave AS l ON l.wave = p.last_wave
JOIN score AS s ON s.participant_id = p.participant_id AND s.wave = p.first_wave
JOIN study ON p.study_group = study.participants
CROSS JOIN latest
GROUP BY ALL
ORDER BY ALL;
