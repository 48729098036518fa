-- How many people spoke of what?
SELECT c.code, c.name, count(DISTINCT p.participant_id) AS people, sum(p.n_segments) AS segments
FROM code AS c
JOIN participant_code AS p ON p.code = c.code AND p.status = 'coded'
WHERE p.wave = (SELECT wave FROM run ORDER BY started_at DESC, run_id DESC LIMIT 1)
GROUP BY c.code, c.name
ORDER BY people DESC, c.code;
