-- On what did those who stayed and those who left differ most at the start? (smd: in standard deviations)
SELECT contrast, variable, level, n AS n_stayed, n_reference AS n_left, round(mean, 1) AS mean_stayed,
       round(mean_reference, 1) AS mean_left, round(smd, 2) AS smd, round(ci_low, 2) AS ci_low, round(ci_high, 2) AS ci_high
FROM balance
WHERE comparison = 'retention' AND population = 'participants' AND weighting = 'none'
ORDER BY contrast, abs(smd) DESC NULLS LAST, variable, level;
