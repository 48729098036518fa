-- How many participants have the change and were never interviewed up to the later wave. Grain: one row.
SELECT count(*)
FROM panel.score_wide AS p
ANTI JOIN (SELECT participant_id FROM interviewed WHERE wave = $wave_to) AS i USING (participant_id)
WHERE p.study_group = $group
    AND p.{{ (scale ~ "__" ~ wave_to) | ident }} - p.{{ (scale ~ "__" ~ wave_from) | ident }} IS NOT NULL;
