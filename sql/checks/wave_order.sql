-- Pairs of waves in a row whose middle dates run backwards. Grain: a pair.
SELECT before, wave FROM (
    SELECT wave, day, lag(wave) OVER o AS before, lag(day) OVER o AS day_before
    FROM (SELECT wave, ordinal, approx_quantile(epoch(day), 0.5) AS day FROM seen WHERE day IS NOT NULL GROUP BY ALL)
    WINDOW o AS (ORDER BY ordinal)
)
WHERE day < day_before;
