-- Who was heard in each case up to the wave. A person of the roster without an id is told apart by document and speaker.
-- Grain: case.
DELETE FROM case_summary;
INSERT INTO case_summary
WITH
professionals_alone AS (
    SELECT document FROM (
        SELECT document, role FROM roster WHERE role IS DISTINCT FROM 'interviewer'
        UNION ALL SELECT document, coalesce(speaker_role, 'citizen') FROM segment
    )
    GROUP BY document HAVING bool_and(role = 'professional')
),
here AS (
    SELECT document, coalesce(case_name, document) AS case_name, kind
    FROM document WHERE (wave IS NULL OR wave IN (SELECT unnest($waves)))
        -- A document that names no case is one of its own, but not where professionals alone were heard.
        AND (case_name IS NOT NULL OR document NOT IN (SELECT document FROM professionals_alone))
),
seat AS (
    SELECT h.case_name, r.role, coalesce(r.spoke, FALSE) AS spoke,
        coalesce(r.participant_id, concat_ws(chr(31), r.document, coalesce(r.speaker, r.rowid::VARCHAR))) AS person
    FROM roster AS r
    JOIN here AS h USING (document)
    WHERE r.role IS DISTINCT FROM 'interviewer'
),
people AS (
    SELECT case_name, person, bool_or(role = 'citizen') AS citizen, bool_or(role = 'professional') AS professional,
        bool_or(spoke) AS spoke
    FROM seat
    GROUP BY case_name, person
),
counted AS (
    SELECT case_name, count(*) AS n_people, count(*) FILTER (citizen) AS n_citizens,
        count(*) FILTER (professional) AS n_professionals, count(*) FILTER (spoke) AS n_spoke
    FROM people
    GROUP BY case_name
),
held AS (
    SELECT case_name, count(*) AS n_documents, count(*) FILTER (kind = 'interview') AS n_interviews,
        count(*) FILTER (kind = 'focus_group') AS n_groups
    FROM here
    GROUP BY case_name
),
said AS (
    SELECT h.case_name, count(*) AS n_segments FROM segment JOIN here AS h USING (document) GROUP BY h.case_name
)
SELECT
    case_name, n_documents, n_interviews, n_groups, coalesce(n_people, 0), coalesce(n_citizens, 0),
    coalesce(n_professionals, 0), coalesce(n_spoke, 0), coalesce(n_segments, 0)
FROM held
LEFT JOIN counted USING (case_name)
LEFT JOIN said USING (case_name)
ORDER BY case_name;
