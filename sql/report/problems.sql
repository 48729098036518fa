-- Problems by rule, with how many of each are still open. Never the value found. Grain: rule x severity.
SELECT rule, severity, count(*) AS n, count(*) FILTER (status = 'open') AS n_open,
    count(DISTINCT source_id) AS n_files
FROM problem
GROUP BY rule, severity
ORDER BY severity, n DESC, rule;
