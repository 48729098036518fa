-- How did participants and others differ at the first wave?
SELECT scale, study_group, count(pomp) AS people, round(avg(pomp), 1) AS mean_of_100
FROM score
WHERE wave = (SELECT wave FROM wave WHERE n_people > 0 ORDER BY ordinal LIMIT 1) AND pomp IS NOT NULL
GROUP BY scale, study_group
ORDER BY scale, study_group;
