-- Who spoke in the notes up to the wave. Grain: one row.
SELECT
    (SELECT count(*) FROM interviewed WHERE wave = $wave) AS n_participants,
    (SELECT count(*) FROM segment WHERE wave IS NULL OR wave IN (SELECT unnest($waves))) AS n_segments,
    (SELECT count(DISTINCT document) FROM segment WHERE wave IS NULL OR wave IN (SELECT unnest($waves))) AS n_documents,
    (SELECT count(*) FROM segment
     WHERE participant_id IS NULL AND coalesce(speaker_role, 'citizen') = 'citizen'
         AND (wave IS NULL OR wave IN (SELECT unnest($waves)))) AS n_unidentified;
