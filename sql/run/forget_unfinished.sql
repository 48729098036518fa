-- Removes every row of runs that never finished: an interrupted run leaves nothing.
DELETE FROM finding_history WHERE run_id IN (SELECT run_id FROM run WHERE finished_at IS NULL);
DELETE FROM step_record WHERE run_id NOT IN (SELECT run_id FROM run WHERE finished_at IS NOT NULL);
DELETE FROM run WHERE finished_at IS NULL;
