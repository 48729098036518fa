-- What each finding says in this run. Grain: finding.
SELECT finding_id, verdict, p_adjusted, p_value, estimate, ci_low, ci_high
FROM finding
ORDER BY finding_id;
