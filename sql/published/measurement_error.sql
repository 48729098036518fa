-- How far two scores of one person may lie apart by measurement error alone:
-- sqrt(sd_from^2 (1 - reliability_from) + sd_to^2 (1 - reliability_to)). Grain: a scale, population and pair of waves.
{% from "published/_comment.sql" import comment %}
CREATE VIEW measurement_error AS
WITH wave_error AS (
    SELECT r.scale, r.population, r.wave, w.ordinal, m.sd ^ 2 * (1 - r.value) AS variance
    FROM reliability AS r
    JOIN wave_mean AS m
        ON m.scale = r.scale AND m.wave = r.wave AND m.population = r.population AND m.method = 'observed'
    JOIN wave AS w ON w.wave = r.wave
    WHERE r.value > 0 AND m.sd > 0 AND r.coefficient IN ('alpha', 'spearman_brown')
)
SELECT
    a.scale, a.population, a.wave AS wave_from, b.wave AS wave_to, sqrt(a.variance + b.variance) AS standard_error
FROM wave_error AS a
JOIN wave_error AS b ON b.scale = a.scale AND b.population = a.population AND b.ordinal > a.ordinal;
{{ comment("VIEW", "measurement_error", "Standard error of a person's change, from the reliabilities and standard deviations of the two waves. Grain: scale x population x wave x wave.", {
    "scale": "The scale.",
    "population": "Whose reliability and standard deviation: a group's id.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "standard_error": "In POMP points; a change of more than 1.96 times this is called reliable.",
}) }}
