-- On what did those who stayed and those who left differ most at the start?
SELECT
    contrast, variable, level, mean, mean_reference, smd, ci_low, ci_high
FROM balance
WHERE comparison = 'retention' AND population = 'participants' AND weighting = 'none'
ORDER BY contrast, abs(smd) DESC NULLS LAST, variable, level;
