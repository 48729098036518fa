-- Enters a run, not yet finished. Grain: one row a run.
INSERT INTO run (run_id, wave, started_at, finished_at, version, plan_hash, input_hash)
VALUES ($run_id, $wave, $started_at, NULL, $version, $plan_hash, NULL);
