-- What the gate for quotes looks at. Who is not known to be a professional or an interviewer counts as a citizen.
-- Grain: segment.
SELECT
    segment_id,
    consent_quote,
    coalesce(speaker_role, 'citizen') = 'citizen' AS citizen,
    text,
    paraphrase,
    filter_reason
FROM segment
ORDER BY segment_id;
