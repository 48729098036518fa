-- What was said, with its codes, as far as it may be quoted? (not_settled: codes on which the coders differ)
SELECT s.segment_id, s.document, s.speaker_role,
       string_agg(DISTINCT c.code, ', ' ORDER BY c.code) FILTER (c.status IN ('agreed', 'decided', 'single')) AS codes,
       string_agg(DISTINCT c.code, ', ' ORDER BY c.code) FILTER (c.status = 'unresolved') AS not_settled, s.text
FROM segment AS s
LEFT JOIN segment_code AS c USING (segment_id)
WHERE s.text IS NOT NULL
GROUP BY s.segment_id, s.document, s.speaker_role, s.text
ORDER BY s.document, s.segment_id;
