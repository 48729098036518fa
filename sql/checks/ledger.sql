-- The notebook of a run: what every rule had to say. Grain of noticed: a problem.
CREATE OR REPLACE TEMP TABLE noticed (
    source_id VARCHAR, name VARCHAR, wave VARCHAR, row_number BIGINT, column_name VARCHAR, rule VARCHAR,
    severity VARCHAR, scope VARCHAR, scale VARCHAR, found VARCHAR, message VARCHAR, expected VARCHAR, fix VARCHAR,
    suggestion VARCHAR, status VARCHAR
);
-- Problems that were let in, by the id that a person named.
CREATE OR REPLACE TEMP TABLE released (problem_id VARCHAR);
-- The files of the run, per wave.
CREATE OR REPLACE TEMP TABLE part (source_id VARCHAR, name VARCHAR, wave VARCHAR, ordinal INTEGER);
-- Rows that do not reach the answers, and why. Grain: a row of a file.
CREATE OR REPLACE TABLE staging.fate (source_id VARCHAR, row_number BIGINT, fate VARCHAR);
-- The codes of a file's columns that break a rule, and what is to be said. Grain: column x code.
CREATE OR REPLACE TEMP TABLE meaning (
    position INTEGER, code DOUBLE, column_name VARCHAR, scale VARCHAR, found VARCHAR, rule VARCHAR, severity VARCHAR,
    message VARCHAR, expected VARCHAR, fix VARCHAR, suggestion VARCHAR
);
-- The identity of a problem: the same as Problem.problem_id in ingest/problem.py.
CREATE OR REPLACE TEMP MACRO problem_key(source_id, name, wave, row_number, column_name, scale, rule) AS
    left(sha256(concat_ws(chr(31), coalesce(source_id, 'None'), coalesce(name, 'None'), coalesce(wave, 'None'),
        coalesce(row_number::VARCHAR, 'None'), coalesce(column_name, 'None'), coalesce(scale, 'None'), rule)), 8);
-- Rows in which a person withdrew consent. Grain: a row of a file.
CREATE OR REPLACE TEMP TABLE withdrawal (source_id VARCHAR, row_number BIGINT, participant_id VARCHAR);
-- Rows whose link to the same id at earlier waves is broken. Grain: a row of a file.
CREATE OR REPLACE TABLE staging.unlinked (source_id VARCHAR, row_number BIGINT, participant_id VARCHAR);
-- Declared crossings between groups. Grain: a crossing.
CREATE OR REPLACE TEMP TABLE crossing (participant_id VARCHAR, date DATE, study_group VARCHAR);
