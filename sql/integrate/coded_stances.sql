-- Stances that coders set in their files: per segment and finding the coders' words, whether all were blind, when they
-- were set (else when the file was received), and where the first of them stands. Grain: segment x finding.
SELECT
    c.segment_id,
    c.finding_id,
    list(DISTINCT c.stance ORDER BY c.stance) AS stances,
    CASE WHEN bool_or(NOT c.blinded) THEN FALSE WHEN bool_and(c.blinded IS NOT NULL) THEN TRUE END AS blinded,
    epoch_us(coalesce(min(c.coded_on)::TIMESTAMPTZ, min(f.received_at))) AS set_at,
    arg_min(c.source_id, (c.source_id, c.row_number)) AS source_id,
    arg_min(f.name, (c.source_id, c.row_number)) AS name,
    arg_min(c.row_number, (c.source_id, c.row_number)) AS row_number
FROM coding AS c
LEFT JOIN source_file AS f USING (source_id)
WHERE c.stance IS NOT NULL AND c.finding_id IS NOT NULL
GROUP BY c.segment_id, c.finding_id
ORDER BY c.segment_id, c.finding_id;
