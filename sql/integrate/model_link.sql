-- Links between variables: passages that speak of both, in each case; and every link that the model expects, also where
-- nobody spoke of it. Which of two variables comes first is the model's where it expects the link, else the order of
-- declaration. Grain: pair of variables x case.
DELETE FROM model_link;
INSERT INTO model_link
WITH
variable AS (SELECT unnest($variables) AS element, unnest(range(len($variables))) AS place),
expected AS (SELECT unnest($sources) AS source, unnest($targets) AS target),
both_said AS (
    SELECT a.element AS source, b.element AS target, a.case_name, a.person, a.segment_id
    FROM mention AS a
    JOIN mention AS b ON a.segment_id = b.segment_id AND a.element <> b.element
    JOIN variable AS va ON va.element = a.element
    JOIN variable AS vb ON vb.element = b.element
    LEFT JOIN expected AS e ON e.source = a.element AND e.target = b.element
    LEFT JOIN expected AS r ON r.source = b.element AND r.target = a.element
    WHERE e.source IS NOT NULL OR (r.source IS NULL AND va.place < vb.place)
),
said AS (
    SELECT source, target, case_name, count(DISTINCT person) AS n_people, count(DISTINCT segment_id) AS n_segments
    FROM both_said GROUP BY ALL
),
cases AS (SELECT DISTINCT case_name FROM case_element),
pairs AS (SELECT source, target FROM expected UNION SELECT source, target FROM said)
SELECT p.source, p.target, c.case_name, e.source IS NOT NULL, coalesce(s.n_people, 0), coalesce(s.n_segments, 0)
FROM pairs AS p
CROSS JOIN cases AS c
LEFT JOIN expected AS e USING (source, target)
LEFT JOIN said AS s USING (source, target, case_name)
ORDER BY p.source, p.target, c.case_name;
