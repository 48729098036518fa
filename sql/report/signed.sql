-- Whether the findings are still those of the last run of the wave that was published by $signed_at. Grain: one row;
-- null: no such run.
WITH signed AS (
    SELECT run_id FROM run WHERE wave = $wave AND finished_at <= $signed_at ORDER BY finished_at DESC, run_id DESC LIMIT 1
),
then_ AS (SELECT * FROM finding_history WHERE run_id IN (FROM signed))
SELECT CASE WHEN EXISTS (FROM signed) THEN NOT EXISTS (
    SELECT 1
    FROM finding AS f FULL JOIN then_ AS t ON f.finding_id = t.finding_id
    WHERE f.finding_id IS NULL OR t.finding_id IS NULL OR f.n IS DISTINCT FROM t.n
       OR f.verdict IS DISTINCT FROM t.verdict OR f.certainty IS DISTINCT FROM t.certainty
       OR round(f.estimate, 9) IS DISTINCT FROM round(t.estimate, 9)
       OR round(f.p_adjusted, 9) IS DISTINCT FROM round(t.p_adjusted, 9)
) END;
