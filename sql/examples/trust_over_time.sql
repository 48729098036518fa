-- How high is each kind of trust at each wave, among participants?
SELECT s.dimension, s.scale, s.wave, w.label, count(s.pomp) AS people, round(avg(s.pomp), 1) AS mean_of_100,
       round(stddev_samp(s.pomp), 1) AS sd
FROM score AS s
JOIN wave AS w USING (wave)
JOIN study ON s.study_group = study.participants
WHERE s.dimension IS NOT NULL
GROUP BY s.dimension, s.scale, s.wave, w.label, w.ordinal
ORDER BY s.dimension, s.scale, w.ordinal;
