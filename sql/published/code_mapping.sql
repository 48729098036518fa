-- What became of codes from one codebook to the next. Grain: a code of the earlier version and what it became.
{% from "published/_comment.sql" import comment %}
CREATE TABLE code_mapping AS FROM work.code_mapping ORDER BY from_version, from_code, to_code;
{{ comment("TABLE", "code_mapping", "What became of codes from one codebook to the next. Grain: earlier code x later code.", {
    "from_version": "The earlier version.",
    "from_code": "The code there.",
    "to_version": "The later version.",
    "to_code": "What it became; null where it was given up.",
    "kind": "renamed, merged, split, redefined or dropped.",
    "why": "The reason, as written by who changed it.",
}) }}
