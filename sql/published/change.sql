-- Each person's change, only where the two waves may be compared. Grain: a person, scale and contrast.
{% from "published/_comment.sql" import comment %}
CREATE VIEW change AS
WITH difference AS (
    {% for c in changes %}
    SELECT
        participant_id, study_group, {{ c.scale | literal }} AS scale, {{ c.dimension | literal }}::VARCHAR AS dimension, {{ c.wave_from | literal }} AS wave_from,
        {{ c.wave_to | literal }} AS wave_to,
        {{ (c.scale ~ "__" ~ c.wave_to) | ident }} - {{ (c.scale ~ "__" ~ c.wave_from) | ident }} AS change
    FROM score_wide
    {{ "UNION ALL" if not loop.last }}
    {% else %}
    SELECT NULL::VARCHAR AS participant_id, NULL::VARCHAR AS study_group, NULL::VARCHAR AS scale, NULL::VARCHAR AS dimension,
           NULL::VARCHAR AS wave_from, NULL::VARCHAR AS wave_to, NULL::DOUBLE AS change
    WHERE FALSE
    {% endfor %}
)
SELECT
    d.participant_id, d.study_group, d.scale, d.dimension, d.wave_from, d.wave_to, d.change,
    CASE
        WHEN e.standard_error IS NULL THEN NULL
        WHEN d.change < -{{ criterion | literal }} * e.standard_error THEN 'fell'
        WHEN d.change > {{ criterion | literal }} * e.standard_error THEN 'rose'
        ELSE 'within error'
    END AS reliable_change
FROM difference AS d
LEFT JOIN measurement_error AS e
    ON e.scale = d.scale AND e.population = d.study_group AND e.wave_from = d.wave_from AND e.wave_to = d.wave_to
WHERE d.change IS NOT NULL;
{{ comment("VIEW", "change", "Each person's change of a score, for the contrasts that may be compared. Grain: person x scale x contrast.", {
    "participant_id": "The person.",
    "study_group": "The person's group.",
    "scale": "The scale.",
    "dimension": "Which trust the scale measures; null where it is not about trust.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "change": "Later minus earlier, in POMP points: negative is a fall.",
    "reliable_change": "fell or rose: more than measurement error would explain; within error: not more; null: the reliability in the person's group is not known.",
}) }}
