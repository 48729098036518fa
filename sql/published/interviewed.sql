-- Who had been interviewed up to a wave. Grain: a person and wave.
{% from "published/_comment.sql" import comment %}
CREATE TABLE interviewed AS FROM work.interviewed ORDER BY participant_id, wave;
{{ comment("TABLE", "interviewed", "Who had been interviewed up to a wave. Grain: person x wave.", {
    "participant_id": "The person.",
    "wave": "Interviews up to this wave count.",
    "own_interview": "True: in an interview of their own; false: identified in a focus group.",
    "n_documents": "Documents in which the person speaks.",
    "n_segments": "The person's segments.",
    "first_date": "Date of the first of those documents.",
    "last_date": "Date of the last of those documents.",
}) }}
