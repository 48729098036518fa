-- The order in which somebody in a document first speaks of each rung of the ladder: by place in the document. It is the
-- order of telling, which need not be the order in which things happened. Grain: person x document.
DELETE FROM narrative;
INSERT INTO narrative
WITH
rung AS (SELECT unnest($rung_elements) AS element, unnest($rungs)::INTEGER AS rung),
first_said AS (
    SELECT m.document, m.person, any_value(m.participant_id) AS participant_id, any_value(m.case_name) AS case_name,
        r.rung, m.element, min((coalesce(m.start_offset, 0), coalesce(m.position, 0), m.segment_id)) AS place
    FROM mention AS m JOIN rung AS r USING (element)
    GROUP BY m.document, m.person, r.rung, m.element
),
first_of_rung AS (
    SELECT document, person, any_value(participant_id) AS participant_id, any_value(case_name) AS case_name, rung,
        min(place) AS place, arg_min(element, place) AS element
    FROM first_said GROUP BY document, person, rung
),
told AS (
    SELECT document, person, any_value(participant_id) AS participant_id, any_value(case_name) AS case_name,
        list(rung ORDER BY place, rung) AS rungs, list(element ORDER BY place, rung) AS elements
    FROM first_of_rung GROUP BY document, person
)
SELECT document, participant_id, row_number() OVER (PARTITION BY document ORDER BY person), case_name, rungs, elements,
    CASE WHEN len(rungs) > 1 THEN rungs = list_sort(rungs) END
FROM told
ORDER BY document, person;
