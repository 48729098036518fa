-- From which row of which file does a score come? (here: those of the first person)
SELECT s.wave, s.scale, round(s.mean, 2) AS mean, r.item, r.value, i.reverse, f.name AS file, f.row_number
FROM score AS s
JOIN response AS r USING (participant_id, wave, scale)
JOIN item AS i USING (item)
JOIN source_row AS f USING (participant_id, wave)
WHERE s.participant_id = (SELECT min(participant_id) FROM participant)
ORDER BY s.wave, s.scale, i.position;
