-- Standard error of a person's change: sqrt(sd_from^2 (1 - reliability_from) + sd_to^2 (1 - reliability_to)), of the
-- participants; null where a reliability is not known or not above 0. Grain: one row.
SELECT CASE WHEN count(*) = 2 THEN sqrt(sum(m.sd ^ 2 * (1 - r.value))) END
FROM reliability AS r
JOIN wave_mean AS m USING (scale, wave, population)
WHERE r.scale = $scale AND r.wave IN ($wave_from, $wave_to) AND r.population = $group
    AND m.method = 'observed' AND r.coefficient IN ('alpha', 'spearman_brown') AND r.value > 0;
