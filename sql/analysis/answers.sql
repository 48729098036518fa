-- Answers to the items of one wave, lined up with analysis/people: empty for those who are not in the wave.
-- Grain: person.
SELECT {% for i in items %}answer.{{ i | ident }}::DOUBLE AS {{ i | ident }}{{ ", " if not loop.last }}{% endfor %}

FROM panel.score_wide AS person
LEFT JOIN answer.{{ wave | ident }} AS answer USING (participant_id)
ORDER BY person.participant_id;
