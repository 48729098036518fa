-- Changes since a scale's first wave, as a study published them. Grain: a trust dimension and a later wave.
WITH change AS (
    SELECT f.*, s.dimension, s.label, a.month AS month_from, b.month AS month_to, b.label AS label_to
    FROM finding AS f
    JOIN scale AS s ON s.scale = f.outcome
    JOIN wave AS a ON a.wave = split_part(f.contrast, '-', 1)
    JOIN wave AS b ON b.wave = split_part(f.contrast, '-', 2)
    WHERE f.finding_id = 'change.' || f.outcome || '.' || f.contrast AND s.dimension IS NOT NULL
)
SELECT
    finding_id, dimension, outcome AS scale, label, month_to - month_from AS months, n_start, n, estimate, std_error, df,
    p_value, p_adjusted, ci_low, ci_high, mean_from, mean_to, method, estimand, verdict, certainty, exploratory, declined
FROM change
QUALIFY month_from = min(month_from) OVER (PARTITION BY dimension)
ORDER BY dimension, months;
