-- What a change between codebooks did to a link between a code and a change of trust: the people coded as the codes were
-- given under the earlier codebook beside those coded now, and the difference of their mean change from that of
-- interviewed people not coded. Whoever has the present code unresolved is left out, as where it is compared for itself.
-- Codings count as given under the earlier codebook where the file names that version, or
-- where the code was translated by the mapping. Grain: mapping x scale x contrast.
INSERT INTO code_change
WITH
changes AS (
    SELECT i.participant_id,
        p.{{ (scale ~ "__" ~ wave_to) | ident }} - p.{{ (scale ~ "__" ~ wave_from) | ident }} AS change
    FROM interviewed AS i
    JOIN panel.score_wide AS p USING (participant_id)
    WHERE i.wave = $wave_to AND p.study_group = $group
        AND p.{{ (scale ~ "__" ~ wave_to) | ident }} - p.{{ (scale ~ "__" ~ wave_from) | ident }} IS NOT NULL
),
before AS (
    SELECT DISTINCT m.from_version, m.from_code, m.to_version, m.to_code, s.segment_id, s.participant_id
    FROM code_mapping AS m
    JOIN coding AS c ON coalesce(c.code_as_given, c.code) = m.from_code
        AND (c.codebook_version = m.from_version OR (c.codebook_version IS NULL AND c.code_as_given IS NOT NULL))
    JOIN segment AS s USING (segment_id)
    WHERE coalesce(s.speaker_role, 'citizen') = 'citizen'
),
after AS (
    SELECT DISTINCT m.from_version, m.from_code, m.to_version, m.to_code, s.segment_id, s.participant_id
    FROM code_mapping AS m
    JOIN segment_code AS c ON c.code = m.to_code AND c.status IN ('agreed', 'decided', 'single')
    JOIN segment AS s USING (segment_id)
    WHERE coalesce(s.speaker_role, 'citizen') = 'citizen'
),
arms AS (
    SELECT m.from_version, m.from_code, m.to_version, m.to_code, g.change,
        EXISTS (FROM before AS b WHERE (b.from_version, b.from_code, b.to_version) = (m.from_version, m.from_code,
            m.to_version) AND b.to_code IS NOT DISTINCT FROM m.to_code AND b.participant_id = g.participant_id) AS was,
        EXISTS (FROM after AS a WHERE (a.from_version, a.from_code, a.to_version) = (m.from_version, m.from_code,
            m.to_version) AND a.to_code IS NOT DISTINCT FROM m.to_code AND a.participant_id = g.participant_id) AS is_now
    FROM code_mapping AS m CROSS JOIN changes AS g
    WHERE NOT EXISTS (FROM participant_code AS u WHERE u.wave = $wave_to AND u.code = m.to_code
        AND u.participant_id = g.participant_id AND u.status = 'unresolved')
),
compared AS (
    SELECT from_version, from_code, to_version, to_code,
        count(*) FILTER (was) AS n_before, count(*) FILTER (is_now) AS n_after,
        count(*) FILTER (was AND is_now) AS n_kept, count(*) AS n,
        avg(change) FILTER (was) - avg(change) FILTER (NOT was) AS difference_before,
        avg(change) FILTER (is_now) - avg(change) FILTER (NOT is_now) AS difference_after
    FROM arms GROUP BY ALL
),
counted AS (
    SELECT m.*,
        (SELECT count(DISTINCT segment_id) FROM before AS b WHERE (b.from_version, b.from_code, b.to_version) =
            (m.from_version, m.from_code, m.to_version) AND b.to_code IS NOT DISTINCT FROM m.to_code) AS segments_before,
        (SELECT count(DISTINCT segment_id) FROM after AS a WHERE (a.from_version, a.from_code, a.to_version) =
            (m.from_version, m.from_code, m.to_version) AND a.to_code IS NOT DISTINCT FROM m.to_code) AS segments_after,
        (SELECT count(*) FROM evidence AS e WHERE NOT e.derived AND e.segment_id IN (
            SELECT segment_id FROM before AS b WHERE (b.from_version, b.from_code, b.to_version) =
            (m.from_version, m.from_code, m.to_version) AND b.to_code IS NOT DISTINCT FROM m.to_code)) AS stances
    FROM code_mapping AS m
)
SELECT
    k.from_version, k.from_code, k.to_version, k.to_code, k.kind, $scale, $contrast, k.segments_before, k.segments_after,
    coalesce(c.n, 0), coalesce(c.n_before, 0), coalesce(c.n_after, 0), coalesce(c.n_kept, 0), k.stances,
    CASE WHEN least(c.n_before, c.n - c.n_before) >= $floor THEN c.difference_before END,
    CASE WHEN least(c.n_after, c.n - c.n_after) >= $floor THEN c.difference_after END,
    CASE WHEN coalesce(least(c.n_before, c.n - c.n_before, c.n_after, c.n - c.n_after), 0) < $floor
        THEN 'fewer than ' || $floor || ' people in an arm' END
FROM counted AS k
LEFT JOIN compared AS c ON (c.from_version, c.from_code, c.to_version) = (k.from_version, k.from_code, k.to_version)
    AND c.to_code IS NOT DISTINCT FROM k.to_code
ORDER BY ALL;
