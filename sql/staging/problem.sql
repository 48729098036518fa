-- The notebook of the run becomes the record. Grain: problem.
INSERT INTO problem
SELECT
    problem_key(source_id, name, wave, row_number, column_name, scale, rule), source_id, name, wave, row_number,
    column_name, rule, severity, scope, scale, found, message, expected, fix, suggestion, status
FROM noticed;
