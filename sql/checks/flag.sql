-- Marks the people whom a rule singled out for sensitivity analyses. Grain: person x wave x rule.
INSERT INTO flagged_answer
SELECT DISTINCT a.participant_id, $wave, $rule
FROM answer.{{ wave | ident }} AS a JOIN noticed AS n ON n.source_id = a.source_id AND n.row_number = a.row_number
WHERE n.rule = $rule AND n.wave = $wave;
