-- What was asked where. Grain: a document and construct.
{% from "published/_comment.sql" import comment %}
CREATE TABLE guide AS FROM work.guide ORDER BY ALL;
{{ comment("TABLE", "guide", "What was asked in which document. Grain: document x construct.", {
    "document": "The document.",
    "construct": "The construct.",
    "asked": "Whether it was asked about.",
}) }}
