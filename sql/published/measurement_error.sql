-- How far two scores of one person may lie apart by measurement error alone:
-- sqrt(sd_from^2 (1 - reliability_from) + sd_to^2 (1 - reliability_to)). Grain: a scale and pair of waves.
{% from "published/_comment.sql" import comment %}
CREATE VIEW measurement_error AS
WITH wave_error AS (
    SELECT
        r.scale, r.wave, w.ordinal, m.sd ^ 2 * (1 - r.value) AS variance
    FROM reliability AS r
    JOIN wave_mean AS m
        ON m.scale = r.scale AND m.wave = r.wave AND m.population = r.population AND m.method = 'observed'
    JOIN study AS s ON s.participants = r.population
    JOIN wave AS w ON w.wave = r.wave
    WHERE r.coefficient IN ('alpha', 'spearman_brown') AND r.value IS NOT NULL
)
SELECT
    a.scale, a.wave AS wave_from, b.wave AS wave_to, sqrt(a.variance + b.variance) AS standard_error
FROM wave_error AS a
JOIN wave_error AS b ON b.scale = a.scale AND b.ordinal > a.ordinal;
{{ comment("VIEW", "measurement_error", "Standard error of a person's change, from the participants' reliabilities and standard deviations. Grain: scale x wave x wave.", {
    "scale": "The scale.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "standard_error": "In POMP points; a change of more than 1.96 times this is called reliable.",
}) }}
