-- Do other methods agree with the primary one? (here: of the first planned finding)
SELECT role, method, n, round(estimate, 2) AS estimate, round(ci_low, 2) AS ci_low, round(ci_high, 2) AS ci_high,
       round(p_value, 4) AS p_value, declined
FROM estimate
WHERE finding_id = (SELECT min(finding_id) FROM finding WHERE NOT exploratory)
ORDER BY role, method;
