-- The scores of interviewed people who were chosen as typical, extreme or deviant on the first outcome of the plan, and
-- their segments. Grain: rule x place x scale x wave.
WITH chosen AS (
    SELECT rule, place, participant_id
    FROM case_selection
    WHERE outcome = $outcome AND interviewed AND rule <> 'leaver'
    QUALIFY row_number() OVER (PARTITION BY participant_id ORDER BY rule, place) = 1
),
said AS (
    SELECT participant_id, list(segment_id ORDER BY document, position, segment_id) AS segments
    FROM segment WHERE participant_id IS NOT NULL GROUP BY participant_id
)
{% for scale, wave in cells %}
SELECT c.rule, c.place, {{ scale | text }} AS scale, {{ wave | text }} AS wave,
    p.{{ (scale ~ "__" ~ wave) | ident }} AS pomp, coalesce(s.segments, []) AS segments
FROM chosen AS c
JOIN panel.score_wide AS p USING (participant_id)
LEFT JOIN said AS s USING (participant_id)
WHERE p.{{ (scale ~ "__" ~ wave) | ident }} IS NOT NULL
{% if not loop.last %}UNION ALL{% endif %}

{% endfor %}
ORDER BY rule, place, scale, wave;
