-- The change of every participant who had been interviewed up to the later wave, with the day of that survey and the
-- interviews. Grain: interviewed participant.
SELECT
    i.participant_id,
    p.{{ (scale ~ "__" ~ wave_to) | ident }} - p.{{ (scale ~ "__" ~ wave_from) | ident }} AS change,
    a.response_date::DATE AS response_date,
    i.n_segments,
    i.first_date,
    i.last_date
FROM interviewed AS i
JOIN panel.score_wide AS p USING (participant_id)
LEFT JOIN answer.{{ wave_to | ident }} AS a USING (participant_id)
WHERE i.wave = $wave_to AND p.study_group = $group
ORDER BY i.participant_id;
