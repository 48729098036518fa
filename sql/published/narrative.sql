-- In which order somebody first speaks of the rungs of the decision ladder. Grain: a person and document.
{% from "published/_comment.sql" import comment %}
CREATE TABLE narrative AS FROM work.narrative ORDER BY document, speaker_number;
{{ comment("TABLE", "narrative", "The order in which somebody first speaks of the rungs of the decision ladder: of telling, which need not be that of events. Grain: person x document.", {
    "document": "The document.",
    "participant_id": "The person; null where not linked to the survey.",
    "speaker_number": "Tells speakers of a document apart.",
    "case_name": "The case.",
    "rungs": "Rungs in the order of first mention; rungs of one passage in their own order.",
    "elements": "With which variable each was mentioned first.",
    "in_order": "Whether no rung comes after a higher one; null: fewer than two rungs.",
}) }}
