-- Which coder gave which code to which passage. Grain: a segment, code and coder.
{% from "published/_comment.sql" import comment %}
CREATE TABLE coding AS FROM work.coding ORDER BY segment_id, code, coder;
{{ comment("TABLE", "coding", "Which coder gave which code to which segment. Grain: segment x code x coder.", {
    "segment_id": "The segment.",
    "code": "The code.",
    "coder": "The coder.",
    "valence": "Tone, where it was coded.",
    "stance": "Stance toward a finding, where it was coded: confirms, contrasts, expands, mentions.",
    "finding_id": "The finding that the stance is about.",
    "certainty": "How sure the coder was.",
}) }}
