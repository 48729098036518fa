-- What the tables of a step were made from, so that a step whose inputs have not changed is not done again. Grain: a
-- step whose tables are whole; a step that is at work, or was interrupted, has no row.
CREATE TABLE step_input (
    step        VARCHAR PRIMARY KEY,
    fingerprint VARCHAR NOT NULL,       -- SHA-256 of all that the step reads, the runs that made its tables included
    run_id      VARCHAR NOT NULL,       -- the run that made them
    made_at     TIMESTAMPTZ NOT NULL,
    counts      VARCHAR NOT NULL        -- JSON, as the step counted then
);
-- Whether the step was kept from an earlier run.
ALTER TABLE step_record ADD COLUMN kept BOOLEAN DEFAULT FALSE;
