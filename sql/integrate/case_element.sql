-- What was spoken of in each case: mentioned; mentioned differently, where every passage was marked as contrasting with
-- or expanding on the model's sense; not asked, where no document of the case asked and one says so; else not mentioned.
-- Grain: element x case.
DELETE FROM case_element;
INSERT INTO case_element
WITH
element AS (SELECT unnest($all_elements) AS element, unnest($kinds) AS kind),
asked_by AS (SELECT unnest($asked_elements) AS element, unnest($constructs) AS construct),
professionals_alone AS (
    SELECT document FROM (
        SELECT document, role FROM roster WHERE role IS DISTINCT FROM 'interviewer'
        UNION ALL SELECT document, coalesce(speaker_role, 'citizen') FROM segment
    )
    GROUP BY document HAVING bool_and(role = 'professional')
),
here AS (
    SELECT document, coalesce(case_name, document) AS case_name
    FROM document WHERE (wave IS NULL OR wave IN (SELECT unnest($waves)))
        -- A document that names no case is one of its own, but not where professionals alone were heard.
        AND (case_name IS NOT NULL OR document NOT IN (SELECT document FROM professionals_alone))
),
guided AS (
    SELECT a.element, h.case_name, bool_or(g.asked) AS asked
    FROM guide AS g JOIN here AS h USING (document) JOIN asked_by AS a ON lower(a.construct) = lower(g.construct)
    GROUP BY ALL
),
said AS (
    SELECT element, case_name, count(DISTINCT person) AS n_people, count(DISTINCT document) AS n_documents,
        count(DISTINCT segment_id) AS n_segments, bool_and(differently) AS differently
    FROM mention GROUP BY ALL
)
SELECT
    e.element, e.kind, c.case_name,
    CASE
        WHEN s.differently THEN 'mentioned differently'
        WHEN s.element IS NOT NULL THEN 'mentioned'
        WHEN NOT g.asked THEN 'not asked'
        ELSE 'not mentioned'
    END,
    coalesce(s.n_people, 0), coalesce(s.n_documents, 0), coalesce(s.n_segments, 0)
FROM element AS e
CROSS JOIN (SELECT DISTINCT case_name FROM here) AS c
LEFT JOIN said AS s USING (element, case_name)
LEFT JOIN guided AS g USING (element, case_name)
ORDER BY e.element, c.case_name;
