-- Who had been coded with what up to the later wave, or is unresolved. Grain: code x person.
SELECT code, participant_id, status, single_only
FROM participant_code
WHERE wave = $wave_to
ORDER BY code, participant_id;
