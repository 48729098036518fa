-- Every version of the codebook. Grain: a version and code.
{% from "published/_comment.sql" import comment %}
CREATE TABLE code_version AS FROM work.code_version ORDER BY ordinal, code;
{{ comment("TABLE", "code_version", "Every version of the codebook, the current one included. Grain: version x code.", {
    "version": "The version.",
    "ordinal": "Its place in time; 1 is the oldest.",
    "code": "Id of the code.",
    "parent": "The code above it; null at the top.",
    "name": "What it was called.",
    "definition": "What it meant.",
    "include": "When to use it.",
    "exclude": "When not to use it.",
    "anchor": "A typical example.",
    "construct": "The construct it speaks to.",
    "source_id": "The file that it comes from (table source_file).",
}) }}
