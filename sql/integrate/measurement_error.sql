-- Error variance of the participants' scores, sd^2 (1 - reliability), where the reliability is known and above 0.
-- Grain: scale x wave.
SELECT r.scale, r.wave, m.sd ^ 2 * (1 - r.value)
FROM reliability AS r
JOIN wave_mean AS m USING (scale, wave, population)
WHERE r.population = $group AND m.method = 'observed' AND r.coefficient IN ('alpha', 'spearman_brown') AND r.value > 0;
