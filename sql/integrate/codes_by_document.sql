-- The codes that each document holds after reconciliation, in the order in which documents were made: by date, then name.
-- Only what citizens said. Grain: document.
SELECT d.document, list(DISTINCT sc.code ORDER BY sc.code) FILTER (sc.code IS NOT NULL) AS codes
FROM document AS d
LEFT JOIN segment AS s ON s.document = d.document AND coalesce(s.speaker_role, 'citizen') = 'citizen'
LEFT JOIN segment_code AS sc ON sc.segment_id = s.segment_id AND sc.status IN ('agreed', 'decided', 'single')
WHERE d.wave IS NULL OR d.wave IN (SELECT unnest($waves))
GROUP BY d.document, d.date
HAVING count(s.segment_id) > 0
ORDER BY d.date NULLS LAST, d.document;
