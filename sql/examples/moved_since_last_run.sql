-- Which numbers and conclusions moved since the run before?
SELECT finding_id, status, round(estimate_before, 2) AS before, round(estimate, 2) AS now, n_before, n AS n_now,
       verdict_before, verdict AS verdict_now, concluded_otherwise
FROM difference
ORDER BY concluded_otherwise DESC, finding_id;
