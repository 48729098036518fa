-- Codes that professionals spoke to, up to the wave: their passages and the documents these stand in, and the
-- participants coded with the same. Grain: code.
SELECT c.code, count(DISTINCT s.segment_id) AS n_passages, count(DISTINCT s.document) AS n_documents,
    (SELECT count(*) FROM participant_code AS p
     WHERE p.code = c.code AND p.wave = $wave AND p.status = 'coded') AS n_participants
FROM segment AS s
JOIN segment_code AS c USING (segment_id)
WHERE s.speaker_role = 'professional' AND c.status IN ('agreed', 'decided', 'single')
    AND (s.wave IS NULL OR s.wave IN (SELECT unnest($waves)))
GROUP BY c.code
ORDER BY n_passages DESC, c.code;
