-- Which numbers and conclusions moved since the run before?
WITH ordered AS (
    SELECT run_id, row_number() OVER (ORDER BY started_at DESC, run_id DESC) AS back FROM run
)
SELECT finding_id, round(b.estimate, 2) AS before, round(a.estimate, 2) AS now, b.n AS n_before, a.n AS n_now,
       b.verdict AS verdict_before, a.verdict AS verdict_now
FROM (SELECT h.* FROM finding_history AS h JOIN ordered USING (run_id) WHERE back = 1) AS a
FULL JOIN (SELECT h.* FROM finding_history AS h JOIN ordered USING (run_id) WHERE back = 2) AS b USING (finding_id)
WHERE round(a.estimate, 6) IS DISTINCT FROM round(b.estimate, 6) OR a.verdict IS DISTINCT FROM b.verdict OR a.n IS DISTINCT FROM b.n
ORDER BY finding_id;
