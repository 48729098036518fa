-- What each finding said in each finished run, oldest first. Grain: finding x run.
SELECT h.finding_id, epoch_us(r.finished_at), h.verdict, h.p_adjusted, h.p_value, h.estimate, h.ci_low, h.ci_high
FROM finding_history AS h
JOIN run AS r USING (run_id)
WHERE r.finished_at IS NOT NULL
ORDER BY h.finding_id, r.finished_at, r.run_id;
