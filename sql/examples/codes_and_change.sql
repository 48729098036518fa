-- Did people who spoke of something change differently from people who did not?
SELECT code, outcome, contrast, n_coded, n_not_coded, round(mean_change_coded, 1) AS mean_change_coded,
       round(mean_change_not_coded, 1) AS mean_change_not_coded, round(p_adjusted, 3) AS p_adjusted, declined
FROM code_trajectory
ORDER BY declined IS NOT NULL, p_value, code, outcome, contrast;
