-- The notebook of the run becomes the record. Grain: problem.
INSERT INTO problem
SELECT
    problem_key(source_id, name, wave, row_number, column_name, scale, rule), source_id, name, wave, row_number,
    column_name, rule, severity, scope, scale, found, message, expected, fix, suggestion, status
FROM noticed;

-- Scales that may not be used in a wave. Grain: scale x wave x rule.
INSERT INTO blocked_scale
SELECT scale, wave, rule, min(message) FROM noticed
WHERE severity = 'block' AND scale IS NOT NULL AND wave IS NOT NULL GROUP BY ALL;
