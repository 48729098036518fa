-- What an interviewed person had been coded with up to a wave. Grain: a person, wave and code; no row: not coded with it.
{% from "published/_comment.sql" import comment %}
CREATE TABLE participant_code AS FROM work.participant_code ORDER BY participant_id, wave, code;
{{ comment("TABLE", "participant_code", "What interviewed people had been coded with up to a wave; no row: not coded with it. Grain: person x wave x code.", {
    "participant_id": "The person.",
    "wave": "Segments up to this wave count.",
    "code": "The code.",
    "status": "coded, or unresolved where the coders differ.",
    "single_only": "True: rests on one coder alone.",
    "n_segments": "Segments of the person with the code.",
    "n_unresolved": "Segments on which the coders differ.",
    "first_date": "Date of the first document with the code.",
}) }}
