-- What was settled on passages: the codes that count, of passages on which nothing is left open and somebody decided.
-- ``whole`` is false where another code of the passage is still open. Grain: segment.
SELECT
    segment_id,
    list(code ORDER BY code) FILTER (status IN ('agreed', 'decided', 'single')) AS codes,
    count(*) FILTER (status = 'unresolved') = 0 AS whole
FROM segment_code
GROUP BY segment_id
HAVING count(*) FILTER (status IN ('decided', 'rejected')) > 0
ORDER BY segment_id;
