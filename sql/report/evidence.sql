-- Stances that people set, with the segment's codes after reconciliation. Grain: finding x segment.
SELECT e.finding_id, e.segment_id, e.stance, e.blinded, e.stale, e.origin,
    coalesce((SELECT list(c.code ORDER BY c.code) FROM segment_code AS c
              WHERE c.segment_id = e.segment_id AND c.status IN ('agreed', 'decided', 'single')), []) AS codes
FROM evidence AS e
WHERE NOT e.derived
ORDER BY e.finding_id, list_position(['confirms', 'contrasts', 'expands', 'mentions', 'unresolved'], e.stance),
    e.segment_id;
