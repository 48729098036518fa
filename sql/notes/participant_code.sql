-- What each interviewed person had been coded with up to each wave: coded where at least one segment is agreed,
-- decided or single; unresolved where there is nothing but disagreement. No row: not coded with it.
-- Grain: interviewed person x wave x code, cumulative.
INSERT INTO participant_code
WITH
ordered AS (
    SELECT unnest($waves) AS wave, unnest(range(len($waves))) AS ordinal
),
coded AS (
    SELECT s.participant_id, s.wave, sc.code, sc.status, d.date
    FROM segment_code AS sc
    JOIN segment AS s USING (segment_id)
    JOIN document AS d USING (document)
    WHERE s.participant_id IS NOT NULL AND s.speaker_role = 'citizen' AND sc.status <> 'rejected'
)
SELECT
    c.participant_id,
    upto.wave,
    c.code,
    CASE WHEN bool_or(c.status <> 'unresolved') THEN 'coded' ELSE 'unresolved' END AS status,
    bool_and(c.status IN ('single', 'unresolved')) AND bool_or(c.status = 'single') AS single_only,
    count(*) FILTER (c.status <> 'unresolved') AS n_segments,
    count(*) FILTER (c.status = 'unresolved') AS n_unresolved,
    min(c.date) FILTER (c.status <> 'unresolved') AS first_date
FROM coded AS c
JOIN ordered AS o ON o.wave = c.wave
JOIN ordered AS upto ON upto.ordinal >= o.ordinal
GROUP BY c.participant_id, upto.wave, upto.ordinal, c.code
ORDER BY upto.ordinal, c.participant_id, c.code;
