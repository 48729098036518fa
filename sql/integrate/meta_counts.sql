-- For each finding the people of its group by what they said to it, and those who were there and said nothing to it:
-- asked, where a guide of theirs asked about everything that the finding is about, else not asked. Whoever is not in the
-- survey counts with the participants. Grain: finding.
WITH
subject AS (  -- a finding and one construct that it is about, under each name that a guide may use
    SELECT unnest($findings) AS finding_id, unnest($topics) AS topic, unnest($names) AS construct
),
citizens AS (
    SELECT document, participant_id FROM roster WHERE role = 'citizen' AND participant_id IS NOT NULL
    UNION
    SELECT document, participant_id FROM segment WHERE speaker_role = 'citizen' AND participant_id IS NOT NULL
),
present AS (
    SELECT c.document, c.participant_id, coalesce(p.study_group, $participants) AS study_group
    FROM citizens AS c
    JOIN document AS d USING (document)
    LEFT JOIN participant AS p USING (participant_id)
    WHERE d.wave IS NULL OR d.wave IN (SELECT unnest($waves))
),
asked_topic AS (
    SELECT s.finding_id, g.document, s.topic
    FROM subject AS s
    JOIN guide AS g ON lower(g.construct) = lower(s.construct) AND g.asked
    GROUP BY ALL
),
asked AS (
    SELECT finding_id, document
    FROM asked_topic
    GROUP BY finding_id, document
    HAVING count(*) = (SELECT count(DISTINCT topic) FROM subject AS s WHERE s.finding_id = asked_topic.finding_id)
),
groups AS (
    SELECT unnest($all_findings) AS finding_id, unnest($groups) AS study_group
),
there AS (
    SELECT g.finding_id, p.participant_id, bool_or(a.document IS NOT NULL) AS asked
    FROM groups AS g
    JOIN present AS p USING (study_group)
    LEFT JOIN asked AS a ON a.finding_id = g.finding_id AND a.document = p.document
    GROUP BY ALL
),
said AS (
    SELECT
        e.finding_id, s.participant_id,
        bool_or(e.stance = 'confirms' AND NOT e.stale) AS confirms,
        bool_or(e.stance = 'contrasts' AND NOT e.stale) AS contrasts,
        bool_or(e.stance = 'expands' AND NOT e.stale) AS expands,
        bool_or(e.stance = 'mentions' AND NOT e.stale) AS mentions,
        bool_or(NOT e.stale) AS speaks,
        bool_or(e.blinded AND NOT e.stale) AS blinded
    FROM evidence AS e
    JOIN segment AS s USING (segment_id)
    WHERE NOT e.derived AND s.participant_id IS NOT NULL AND coalesce(s.speaker_role, 'citizen') = 'citizen'
    GROUP BY ALL
)
SELECT
    g.finding_id,
    EXISTS (FROM evidence AS e WHERE e.finding_id = g.finding_id AND NOT e.derived) AS weighed,
    count(*) FILTER (said.confirms) AS n_confirms,
    count(*) FILTER (said.contrasts) AS n_contrasts,
    count(*) FILTER (said.expands) AS n_expands,
    count(*) FILTER (said.mentions) AS n_mentions,
    count(*) FILTER (said.speaks) AS n_speaking,
    count(*) FILTER (NOT said.speaks) AS n_stale,
    count(*) FILTER (t.participant_id IS NOT NULL AND said.participant_id IS NULL AND t.asked) AS n_silent_asked,
    count(*) FILTER (t.participant_id IS NOT NULL AND said.participant_id IS NULL AND NOT t.asked) AS n_not_asked,
    count(*) FILTER (said.blinded) AS n_blinded
FROM groups AS g
LEFT JOIN there AS t USING (finding_id)
LEFT JOIN said ON said.finding_id = g.finding_id AND said.participant_id = t.participant_id
GROUP BY g.finding_id
ORDER BY g.finding_id;
