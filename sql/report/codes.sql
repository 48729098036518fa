-- How many interviewed people were coded with each code up to the wave, after reconciliation. Grain: code.
SELECT code.code, code.name, code.parent, code.construct,
    count(participant_code.participant_id) AS n_participants,
    coalesce(sum(participant_code.n_segments), 0)::BIGINT AS n_segments,
    [code.expected_provider, code.expected_municipal, code.expected_generalized, code.expected_peers] AS expected
FROM code
LEFT JOIN participant_code
    ON participant_code.code = code.code AND participant_code.wave = $wave AND participant_code.status = 'coded'
GROUP BY ALL
ORDER BY n_participants DESC, n_segments DESC, code.code;
