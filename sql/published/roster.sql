-- Who was there, also silent. Grain: a document and person. The speaker's label in the notes is withheld.
{% from "published/_comment.sql" import comment %}
CREATE TABLE roster AS
SELECT document, participant_id, role, spoke FROM work.roster ORDER BY ALL;
{{ comment("TABLE", "roster", "Who was there, also silent. Grain: document x person.", {
    "document": "The document.",
    "participant_id": "The person; null where not linked to the survey.",
    "role": "citizen or professional.",
    "spoke": "Whether the person spoke.",
}) }}
