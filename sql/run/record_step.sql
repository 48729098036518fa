-- Notes the end of a step and the hash of what was read so far. Grain: one row a run and step; a step done again replaces its row.
DELETE FROM step_record WHERE run_id = $run_id AND step = $step;
INSERT INTO step_record (run_id, step, finished_at, counts, kept) VALUES ($run_id, $step, $finished_at, $counts, $kept);
UPDATE run SET input_hash = $input_hash WHERE run_id = $run_id;
