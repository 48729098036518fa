-- Which passages contrast with a finding, and what are they coded with?
SELECT e.finding_id, p.segment_id, p.document, p.codes, p.words, e.blinded, e.stale
FROM evidence AS e
JOIN passage AS p USING (segment_id)
WHERE e.stance = 'contrasts' AND NOT e.derived
ORDER BY e.finding_id, p.segment_id;
