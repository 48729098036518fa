-- Scores to draw: a sample of people in a fixed order where there are more than can be seen. Grain: person x scale x wave.
WITH drawn AS (
    SELECT * FROM panel.score_wide
    WHERE study_group = $participants
    ORDER BY hash(participant_id)
    LIMIT $most
)
{% for scale, wave in cells %}
SELECT {{ scale | text }} AS scale, {{ wave | text }} AS wave, participant_id, {{ (scale ~ "__" ~ wave) | ident }} AS pomp
FROM drawn WHERE {{ (scale ~ "__" ~ wave) | ident }} IS NOT NULL
{% if not loop.last %}UNION ALL{% endif %}

{% endfor %}
ORDER BY scale, participant_id, wave;
