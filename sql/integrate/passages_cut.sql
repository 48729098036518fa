-- Passages with offsets that a coder read, where none of that coder's rows on them waits in quarantine.
-- Grain: coder x segment.
SELECT r.coder, s.document, s.start_offset, s.end_offset, s.segment_id
FROM segment_coder AS r
JOIN segment AS s USING (segment_id)
WHERE NOT r.held AND s.start_offset IS NOT NULL AND s.end_offset > s.start_offset
ORDER BY ALL;
