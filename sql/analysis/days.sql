-- The day on which people answered one wave, counted from 1970-01-01 and lined up with analysis/people; null where it is
-- not known. Grain: person.
SELECT date_diff('day', DATE '1970-01-01', answer.response_date)::DOUBLE AS day
FROM panel.score_wide AS person
LEFT JOIN answer.{{ wave | ident }} AS answer USING (participant_id)
ORDER BY person.participant_id;
