-- Answers of one wave, lined up with analysis/people: a row for everybody, empty for those who are not in the wave.
-- Grain: person.
SELECT answer.*
FROM panel.score_wide AS person
LEFT JOIN answer.{{ wave | ident }} AS answer USING (participant_id)
ORDER BY person.participant_id;
