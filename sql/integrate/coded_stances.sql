-- Stances that coders set in their files: per segment and finding the coders' words (null: given for some code with no
-- finding named), when the file was received, and where the segment stands. Grain: segment x finding.
SELECT
    c.segment_id,
    c.finding_id,
    list(DISTINCT c.stance ORDER BY c.stance) AS stances,
    epoch_us(any_value(f.received_at)) AS received_at,
    any_value(s.source_id) AS source_id,
    any_value(f.name) AS name,
    any_value(s.row_number) AS row_number
FROM coding AS c
JOIN segment AS s USING (segment_id)
LEFT JOIN source_file AS f USING (source_id)
WHERE c.stance IS NOT NULL AND c.finding_id IS NOT NULL
GROUP BY c.segment_id, c.finding_id
ORDER BY c.segment_id, c.finding_id;
