-- The segments that speak to a finding, with codes after reconciliation, and the file and row where each stands. Words as
-- far as they were released. Grain: segment.
SELECT
    e.segment_id, e.stance, e.derived, e.blinded, e.stale, e.stale_reason, e.origin,
    s.participant_id, s.document, s.wave, f.name AS file, f.sha256, s.row_number,
    s.start_offset, s.end_offset,
    (SELECT list(c.code ORDER BY c.code) FROM segment_code AS c
     WHERE c.segment_id = e.segment_id AND c.status IN ('agreed', 'decided', 'single')) AS codes,
    s.text, s.paraphrase, s.withheld
FROM evidence AS e
JOIN segment AS s USING (segment_id)
LEFT JOIN source_file AS f USING (source_id)
WHERE e.finding_id = $finding_id
ORDER BY e.derived,
    list_position(['confirms', 'contrasts', 'expands', 'mentions', 'unresolved'], e.stance), e.segment_id;
