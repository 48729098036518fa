-- Statements that passed the filter before coding, and those that did not, with the reason. Grain: a document and reason.
{% from "published/_comment.sql" import comment %}
CREATE TABLE filter_audit AS
SELECT s.document, s.kept, q.filter_reason, count(*) AS n_statements
FROM work.segment AS s
LEFT JOIN work.quote_gate AS q USING (segment_id)
WHERE s.kept IS NOT NULL
GROUP BY ALL
ORDER BY ALL;
{{ comment("TABLE", "filter_audit", "Statements that passed the filter before coding and those that did not. Grain: document x decision x reason.", {
    "document": "The document.",
    "kept": "Whether they passed.",
    "filter_reason": "Why, as written; null where nothing was, or where that could name somebody.",
    "n_statements": "Statements.",
}) }}
