-- The codebook. Grain: a code.
{% from "published/_comment.sql" import comment %}
CREATE TABLE code AS FROM work.code ORDER BY code;
{{ comment("TABLE", "code", "The codebook. Grain: a code.", {
    "code": "Id of the code.",
    "parent": "The code above it; null at the top.",
    "name": "What it is called.",
    "definition": "What it means.",
    "include": "When to use it.",
    "exclude": "When not to use it.",
    "anchor": "A typical example.",
    "construct": "The construct it speaks to.",
    "expected_provider": "Direction expected for trust in the provider.",
    "expected_municipal": "Direction expected for trust in the municipality.",
    "expected_generalized": "Direction expected for trust in people in general.",
    "expected_peers": "Direction expected for trust in fellow participants.",
}) }}
