-- Which rules kept rows or cells out, and what helps?
SELECT rule, count(*) AS times, count(*) FILTER (status = 'open') AS still_open, any_value(fix ORDER BY problem_id) AS fix
FROM quarantine
GROUP BY rule
ORDER BY times DESC, rule;
