-- Coded passages; the words only where the person consented to being quoted. Grain: a segment.
{% from "published/_comment.sql" import comment %}
CREATE TABLE segment AS
SELECT
    segment_id, document, position, participant_id, speaker_role, wave,
    CASE WHEN consent_quote = 'yes' THEN text END AS text,
    elicited, time_reference
FROM work.segment
ORDER BY segment_id;
{{ comment("TABLE", "segment", "Coded passages of the notes. Grain: a segment.", {
    "segment_id": "Id of the segment.",
    "document": "The document.",
    "position": "Place in the document.",
    "participant_id": "The person who speaks; null where not known.",
    "speaker_role": "citizen or professional.",
    "wave": "The wave it belongs to.",
    "text": "The words, only where they may be quoted; else null.",
    "elicited": "Whether it was asked for or came by itself.",
    "time_reference": "The time that the passage speaks of.",
}) }}
