-- How many identified participants spoke to each code, and in how many segments. Grain: code of the codebook.
SELECT code.code, code.name, code.parent, code.construct,
    count(DISTINCT segment.participant_id) AS n_participants,
    count(DISTINCT segment.segment_id) AS n_segments
FROM code
LEFT JOIN coding USING (code)
LEFT JOIN segment USING (segment_id)
GROUP BY ALL
ORDER BY n_participants DESC, n_segments DESC, code.code;
