-- Where the problems are: at most $most places a rule. Never the value found. Grain: problem.
SELECT rule, name, row_number, column_name, scale, wave, status, problem_id, message
FROM problem
QUALIFY row_number() OVER (PARTITION BY rule ORDER BY name, row_number, column_name, problem_id) <= $most
ORDER BY rule, name, row_number, column_name, problem_id;
