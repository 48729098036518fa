-- Who spoke in the notes. Grain: one row.
SELECT count(DISTINCT participant_id) AS n_participants, count(*) AS n_segments, count(DISTINCT document) AS n_documents,
    count(*) FILTER (participant_id IS NULL) AS n_unidentified
FROM segment;
