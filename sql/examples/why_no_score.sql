-- Why has somebody no score?
SELECT wave, scale, missing_reason, count(*) AS people
FROM score
WHERE missing_reason IS NOT NULL
GROUP BY ALL
ORDER BY ALL;
