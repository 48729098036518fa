-- Scores to draw: where there are more people than can be seen, a fixed draw of those seen more than once, then of the
-- others. Grain: person x scale x wave.
WITH drawn AS (
    SELECT score_wide.*
    FROM panel.score_wide AS score_wide JOIN participant USING (participant_id)
    WHERE score_wide.study_group = $participants
    ORDER BY participant.n_waves < 2, hash(participant_id)
    LIMIT $most
)
{% for scale, wave in cells %}
SELECT {{ scale | text }} AS scale, {{ wave | text }} AS wave, participant_id, {{ (scale ~ "__" ~ wave) | ident }} AS pomp
FROM drawn WHERE {{ (scale ~ "__" ~ wave) | ident }} IS NOT NULL
{% if not loop.last %}UNION ALL{% endif %}

{% endfor %}
ORDER BY scale, participant_id, wave;
