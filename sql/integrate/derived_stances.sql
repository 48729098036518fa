-- Segments of citizens whose reconciled codes, by what theory expects of them, go with the direction that was observed
-- (confirms) or against it (contrasts). Codes of one segment that point both ways give nothing. Only findings on the
-- change of one dimension of trust. Grain: finding x segment.
WITH
expected AS (
    UNPIVOT code ON expected_provider, expected_municipal, expected_generalized, expected_peers
    INTO NAME dimension VALUE sign
),
pointing AS (
    SELECT sc.segment_id, replace(e.dimension, 'expected_', '') AS dimension, list(DISTINCT e.sign) AS signs
    FROM segment_code AS sc
    JOIN expected AS e USING (code)
    JOIN segment AS s USING (segment_id)
    WHERE sc.status IN ('agreed', 'decided', 'single') AND e.sign IN ('+', '-')
        AND coalesce(s.speaker_role, 'citizen') = 'citizen'
    GROUP BY ALL
),
observed AS (
    SELECT unnest($findings) AS finding_id, unnest($dimensions) AS dimension, unnest($directions) AS direction
)
SELECT
    o.finding_id,
    p.segment_id,
    CASE WHEN (o.direction = 'rose') = (p.signs[1] = '+') THEN 'confirms' ELSE 'contrasts' END AS stance
FROM observed AS o
JOIN pointing AS p USING (dimension)
WHERE len(p.signs) = 1
ORDER BY o.finding_id, p.segment_id;
