-- Passages to search in, with everything said about them in one row; and two macros for searching. Grain: a segment.
{% from "published/_comment.sql" import comment %}
CREATE VIEW passage AS
SELECT
    s.segment_id, s.document, d.case_name, d.kind, s.wave, s.participant_id, s.speaker_role,
    coalesce(s.text, s.paraphrase) AS words, s.text IS NULL AND s.paraphrase IS NOT NULL AS paraphrased,
    (SELECT list(c.code ORDER BY c.code) FROM segment_code AS c
     WHERE c.segment_id = s.segment_id AND c.status IN ('agreed', 'decided', 'single')) AS codes,
    (SELECT map_from_entries(list((e.finding_id, e.stance) ORDER BY e.finding_id)) FROM evidence AS e
     WHERE e.segment_id = s.segment_id AND NOT e.derived) AS stances
FROM segment AS s
LEFT JOIN document AS d USING (document);
{{ comment("VIEW", "passage", "Passages to search in: words as far as they were released, else the paraphrase, with codes and stances. Grain: a segment.", {
    "segment_id": "Id of the segment.",
    "document": "The document.",
    "case_name": "The case.",
    "kind": "interview, focus_group or another kind.",
    "wave": "The wave it belongs to.",
    "participant_id": "The person who speaks; null where not known.",
    "speaker_role": "citizen, professional or interviewer.",
    "words": "The released words, else the coder's paraphrase; null where neither may be shown.",
    "paraphrased": "True: the words are a coder's.",
    "codes": "Codes after reconciliation.",
    "stances": "What persons set: finding and stance.",
}) }}
CREATE MACRO find_passages(term) AS TABLE
    SELECT * FROM passage WHERE contains(lower(words), lower(term)) ORDER BY document, segment_id;
COMMENT ON MACRO TABLE find_passages IS 'Passages whose words hold a text, capitals aside: FROM find_passages(''help'').';
CREATE MACRO concordance(term, width := 40) AS TABLE
    SELECT
        segment_id, document, participant_id, paraphrased,
        substr(words, greatest(1, place - width), least(width, place - 1)) AS before_it,
        substr(words, place, length(term)) AS it,
        substr(words, place + length(term), width) AS after_it
    FROM (
        SELECT *, unnest(list_filter(
            range(1, length(words) + 1), lambda i: lower(substr(words, i, length(term))) = lower(term)
        )) AS place
        FROM passage
        WHERE contains(lower(words), lower(term))
    )
    ORDER BY document, segment_id, place;
COMMENT ON MACRO TABLE concordance IS 'Every place of a text with what stands before and after it: FROM concordance(''help'').';
