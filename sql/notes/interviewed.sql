-- Who had been interviewed up to each wave: in an interview of their own (also where they said nothing that was
-- coded), or as an identified speaker with a segment. Citizens only.
-- Grain: person x wave, cumulative.
INSERT INTO interviewed
WITH
ordered AS (
    SELECT unnest($waves) AS wave, unnest(range(len($waves))) AS ordinal
),
present AS (
    SELECT r.participant_id, r.document, d.wave, d.date, TRUE AS own_interview
    FROM roster AS r
    JOIN document AS d USING (document)
    WHERE d.kind = 'interview' AND r.role = 'citizen' AND r.participant_id IS NOT NULL
),
heard AS (
    SELECT s.participant_id, s.document, s.wave, d.date, coalesce(d.kind = 'interview', FALSE) AS own_interview,
        count(*) AS n_segments
    FROM segment AS s
    JOIN document AS d USING (document)
    WHERE s.participant_id IS NOT NULL AND s.speaker_role = 'citizen'
    GROUP BY ALL
),
both_kinds AS (
    SELECT participant_id, document, wave, date, own_interview, 0 AS n_segments FROM present
    UNION ALL BY NAME
    SELECT participant_id, document, wave, date, own_interview, n_segments FROM heard
)
SELECT
    b.participant_id,
    upto.wave,
    bool_or(b.own_interview) AS own_interview,
    count(DISTINCT b.document) AS n_documents,
    sum(b.n_segments)::BIGINT AS n_segments,
    min(b.date) AS first_date,
    max(b.date) AS last_date
FROM both_kinds AS b
JOIN ordered AS o ON o.wave = b.wave
JOIN ordered AS upto ON upto.ordinal >= o.ordinal
GROUP BY b.participant_id, upto.wave, upto.ordinal
ORDER BY upto.ordinal, b.participant_id;
