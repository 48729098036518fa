-- Rows of a wave whose id was linked to a person's other id by a decision. Grain: a row of the coded table.
INSERT INTO flagged_answer
SELECT DISTINCT l.person, $wave, $rule
FROM staging.{{ base | ident }} AS b
JOIN (SELECT unnest($aliases) AS alias, unnest($people) AS person, unnest($nearly) AS nearly) AS l
    ON l.alias = b.participant_id
WHERE l.nearly;
UPDATE staging.{{ base | ident }} AS b SET participant_id = l.person
FROM (SELECT unnest($aliases) AS alias, unnest($people) AS person) AS l
WHERE l.alias = b.participant_id;
