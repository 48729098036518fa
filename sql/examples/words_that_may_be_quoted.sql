-- What was said, with its codes, as far as it may be quoted?
SELECT s.segment_id, s.document, s.speaker_role, string_agg(DISTINCT c.code, ', ' ORDER BY c.code) AS codes, s.text
FROM segment AS s
LEFT JOIN segment_code AS c ON c.segment_id = s.segment_id AND c.status IN ('agreed', 'decided', 'single')
WHERE s.text IS NOT NULL
GROUP BY s.segment_id, s.document, s.speaker_role, s.text
ORDER BY s.document, s.segment_id;
