-- Participants with the change of a scale, and of peer trust where that is another scale; whether they answered at the
-- earlier wave and not at the later one. Grain: participant.
SELECT
    p.participant_id,
    p.{{ (scale ~ "__" ~ to) | ident }} - p.{{ (scale ~ "__" ~ start) | ident }} AS change,
    {% if peers %}
    p.{{ (peers ~ "__" ~ to) | ident }} - p.{{ (peers ~ "__" ~ start) | ident }} AS peers,
    {% else %}
    NULL::DOUBLE AS peers,
    {% endif %}
    a.participant_id IS NOT NULL AND b.participant_id IS NULL AS has_left
FROM panel.score_wide AS p
LEFT JOIN answer.{{ start | ident }} AS a USING (participant_id)
LEFT JOIN answer.{{ to | ident }} AS b USING (participant_id)
WHERE p.study_group = $group
ORDER BY p.participant_id;
