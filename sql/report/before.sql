-- The run that the view difference compares with. Grain: that run, or no row.
SELECT run_id, wave, started_at, finished_at, version, plan_hash, input_hash
FROM run
WHERE run_id = (SELECT run_before FROM difference LIMIT 1)
   OR (NOT EXISTS (FROM difference) AND run_id = (
       SELECT run_id FROM run
       WHERE finished_at IS NOT NULL AND run_id <> $run_id
       ORDER BY wave = $wave DESC, started_at DESC, run_id DESC LIMIT 1
   ));
