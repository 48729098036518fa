-- Marks a run as finished: its results are published. Set last; a run without it was interrupted.
UPDATE run SET finished_at = $finished_at WHERE run_id = $run_id;
