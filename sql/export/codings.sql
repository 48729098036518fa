-- Who gave which code, and who read a segment and gave it none (code null). Grain: segment x coder x code.
SELECT
    r.segment_id, r.coder, c.code, c.coded_on, c.valence, c.stance, c.finding_id, c.certainty, c.blinded
FROM segment_coder AS r
LEFT JOIN coding AS c USING (segment_id, coder)
ORDER BY r.segment_id, r.coder, c.code;
