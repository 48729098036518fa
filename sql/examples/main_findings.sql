-- What does the report say, finding by finding?
SELECT finding_id, n, round(estimate, 1) AS estimate, round(ci_low, 1) AS ci_low, round(ci_high, 1) AS ci_high,
       round(p_adjusted, 3) AS p_adjusted, verdict, certainty, sentence
FROM finding
WHERE NOT exploratory
ORDER BY family NULLS LAST, finding_id;
