-- Where each segment stands and what it is coded with after reconciliation, in the order of reading. Grain: segment.
SELECT s.segment_id, s.document, list(c.code ORDER BY c.code) FILTER (c.code IS NOT NULL) AS codes
FROM segment AS s
LEFT JOIN segment_code AS c ON c.segment_id = s.segment_id AND c.status IN ('agreed', 'decided', 'single')
GROUP BY s.segment_id, s.document, s.position
ORDER BY s.document, s.position, s.segment_id;
