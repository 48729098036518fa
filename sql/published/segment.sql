-- Coded passages; words only as the gate for quotes lets them out. Grain: a segment.
{% from "published/_comment.sql" import comment %}
CREATE TABLE segment AS
SELECT
    s.segment_id, s.document, s.position, s.participant_id, s.speaker_role, s.wave,
    q.words AS text,
    CASE WHEN q.may_paraphrase THEN s.paraphrase END AS paraphrase,
    coalesce(q.reason, CASE WHEN q.segment_id IS NULL THEN 'not looked at' END) AS withheld,
    s.elicited, s.time_reference, s.kept, q.filter_reason, s.translated_from, s.start_offset, s.end_offset, s.source_id, s.row_number
FROM work.segment AS s
LEFT JOIN work.quote_gate AS q USING (segment_id)
ORDER BY s.segment_id;
{{ comment("TABLE", "segment", "Coded passages of the notes. Grain: a segment.", {
    "segment_id": "Id of the segment.",
    "document": "The document.",
    "position": "Place in the document.",
    "participant_id": "The person who speaks; null where not known.",
    "speaker_role": "citizen, professional or interviewer.",
    "wave": "The wave it belongs to.",
    "text": "The words, where a person has released them, with what was marked left out; else null.",
    "paraphrase": "The coder's words for it, where they may be shown; else null.",
    "withheld": "Why the words are not given; null where they are.",
    "elicited": "Whether it was asked for or came by itself.",
    "time_reference": "The time that the passage speaks of.",
    "kept": "Whether the statement passed the filter before coding; null where nothing was filtered.",
    "filter_reason": "Why it passed the filter or did not, as written; null where nothing was, or where that could name somebody.",
    "translated_from": "Language of the original, where the words are a translation.",
    "start_offset": "First character of the passage in its document, from 0; null where not given.",
    "end_offset": "The character after its last.",
    "source_id": "The file that it comes from (table source_file).",
    "row_number": "Row of that file in which it first stands.",
}) }}
