-- Reconciled segments of each code whose released words, or else paraphrase, may be printed in the edition. Somebody who is not identified is
-- taken for one person a document and speaker. A stance is known where all coders who gave one gave the same.
-- Grain: code x segment.
SELECT
    sc.code,
    s.segment_id,
    coalesce(s.participant_id, concat_ws(chr(31), 'unidentified', s.document, s.speaker)) AS person,
    CASE WHEN q.released = 'public' OR (q.released = 'internal' AND NOT $public) THEN q.words ELSE s.paraphrase END AS text,
    NOT coalesce(q.released = 'public' OR (q.released = 'internal' AND NOT $public), FALSE) AS paraphrased,
    any_value(c.stance) FILTER (c.stance IS NOT NULL AND one_stance) AS stance,
    s.wave,
    sc.status = 'single' AS single_coded
FROM segment_code AS sc
JOIN segment AS s USING (segment_id)
JOIN quote_gate AS q USING (segment_id)
LEFT JOIN (
    SELECT segment_id, code, stance, count(DISTINCT stance) OVER (PARTITION BY segment_id, code) = 1 AS one_stance
    FROM coding
) AS c USING (segment_id, code)
WHERE sc.status IN ('agreed', 'decided', 'single') AND (q.in_public OR NOT $public)
    AND (q.released = 'public' OR (q.released = 'internal' AND NOT $public) OR q.may_paraphrase)
GROUP BY ALL
ORDER BY sc.code, s.segment_id;
