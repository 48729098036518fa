-- Segments with what may be shown of them. Grain: a segment.
SELECT
    s.segment_id, s.document, s.start_offset, s.end_offset, s.participant_id, s.speaker_role, s.text, s.paraphrase,
    s.kept, s.filter_reason, s.elicited, s.time_reference
FROM segment AS s
ORDER BY s.document, s.position NULLS LAST, s.start_offset NULLS LAST, s.segment_id;
