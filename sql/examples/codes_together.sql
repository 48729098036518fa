-- Which codes go together in one passage?
SELECT a.code AS one, b.code AS other, count(*) AS passages, count(DISTINCT s.participant_id) AS people
FROM segment_code AS a
JOIN segment_code AS b ON a.segment_id = b.segment_id AND a.code < b.code
JOIN segment AS s ON s.segment_id = a.segment_id
WHERE a.status IN ('agreed', 'decided', 'single') AND b.status IN ('agreed', 'decided', 'single')
GROUP BY ALL
ORDER BY people DESC, passages DESC, one, other;
