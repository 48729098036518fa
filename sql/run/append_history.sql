-- What this run found, kept for good. Grain: a run and finding; a step done again replaces its rows.
DELETE FROM finding_history WHERE run_id = $run_id;
INSERT INTO finding_history (
    run_id, wave, finding_id, n, estimate, std_error, df, statistic, p_value, p_adjusted, ci_low, ci_high, verdict,
    certainty
)
SELECT
    $run_id, $wave, finding_id, n, estimate, std_error, df, statistic, p_value, p_adjusted, ci_low, ci_high, verdict,
    certainty
FROM finding;
