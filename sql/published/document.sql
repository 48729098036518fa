-- Interviews, focus groups and other documents. Grain: a document.
{% from "published/_comment.sql" import comment %}
CREATE TABLE document AS FROM work.document ORDER BY document;
{{ comment("TABLE", "document", "Interviews, focus groups and other documents. Grain: a document.", {
    "document": "Id of the document.",
    "kind": "interview, focus_group or another kind.",
    "case_name": "The case it belongs to.",
    "date": "When it was held.",
    "wave": "The wave it belongs to.",
    "n_characters": "Characters of its text, where that was handed in.",
}) }}
