-- How many people rose or fell, and by more than measurement error would explain?
SELECT scale, wave_from, wave_to, count(*) AS people,
       count(*) FILTER (change > 0) AS rose, count(*) FILTER (change < 0) AS fell, count(*) FILTER (change = 0) AS same,
       sum((reliable_change = 'rose')::INTEGER) AS rose_reliably,
       sum((reliable_change = 'fell')::INTEGER) AS fell_reliably
FROM change
JOIN study ON study_group = participants
GROUP BY ALL
ORDER BY ALL;
