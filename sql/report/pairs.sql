-- Change of two scales in the same people, for the scatter. Grain: person.
SELECT participant_id,
       {{ (x ~ "__" ~ to) | ident }} - {{ (x ~ "__" ~ start) | ident }} AS change_x,
       {{ (y ~ "__" ~ to) | ident }} - {{ (y ~ "__" ~ start) | ident }} AS change_y
FROM panel.score_wide
WHERE study_group = $participants AND change_x IS NOT NULL AND change_y IS NOT NULL
ORDER BY hash(participant_id)
LIMIT $most;
