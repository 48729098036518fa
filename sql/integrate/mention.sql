-- Passages of citizens, filter passed, by the element of the model that their reconciled codes stand for. Somebody who is
-- not identified is taken for one person a document and speaker. Grain: element x segment.
CREATE OR REPLACE TEMP TABLE mention AS
WITH element AS (
    SELECT unnest($elements) AS element, unnest($codes) AS code, unnest($times) AS time
)
SELECT
    e.element,
    s.segment_id,
    s.document,
    coalesce(d.case_name, d.document) AS case_name,
    s.participant_id,
    coalesce(s.participant_id, concat_ws(chr(31), s.document, s.speaker)) AS person,
    s.position,
    s.start_offset,
    EXISTS (
        FROM coding AS c
        WHERE c.segment_id = s.segment_id AND c.finding_id = 'model.' || e.element
            AND c.stance IN ('contrasts', 'expands')
    ) AS differently
FROM segment_code AS sc
JOIN segment AS s USING (segment_id)
JOIN document AS d USING (document)
JOIN element AS e ON e.code = sc.code AND (e.time = '' OR e.time = s.time_reference)
WHERE sc.status IN ('agreed', 'decided', 'single') AND coalesce(s.speaker_role, 'citizen') = 'citizen'
    AND coalesce(s.kept, TRUE) AND (d.wave IS NULL OR d.wave IN (SELECT unnest($waves)))
GROUP BY ALL;
