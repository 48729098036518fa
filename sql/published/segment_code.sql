-- A code on a passage after the coders' work was reconciled. Grain: a segment and code.
{% from "published/_comment.sql" import comment %}
CREATE TABLE segment_code AS FROM work.segment_code ORDER BY segment_id, code;
{{ comment("TABLE", "segment_code", "Codes on segments after reconciliation. Grain: segment x code.", {
    "segment_id": "The segment.",
    "code": "The code.",
    "status": "agreed, decided or single count as coded; unresolved counts as neither; rejected does not count.",
    "n_coders": "Coders who read the segment.",
    "n_applied": "Coders who gave it the code.",
}) }}
