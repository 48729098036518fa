-- The answers as a long view over the wide tables. Grain: a person, wave and item that the wave's files hold.
{% from "published/_comment.sql" import comment %}
CREATE VIEW response AS
{% for r in responses %}
SELECT
    participant_id, {{ r.wave | literal }} AS wave, {{ r.item | literal }} AS item, {{ r.scale | literal }} AS scale,
    {{ r.item | ident }}::DOUBLE AS value, {{ (r.item ~ "__reason") | ident }}::VARCHAR AS missing_reason
FROM answer.{{ r.wave | ident }}
{{ "UNION ALL" if not loop.last }}
{% else %}
SELECT NULL::VARCHAR AS participant_id, NULL::VARCHAR AS wave, NULL::VARCHAR AS item, NULL::VARCHAR AS scale,
       NULL::DOUBLE AS value, NULL::VARCHAR AS missing_reason
WHERE FALSE
{% endfor %};
{{ comment("VIEW", "response", "Answers as recorded, one a row. Grain: person x wave x item.", {
    "participant_id": "The person.",
    "wave": "The wave.",
    "item": "The item.",
    "scale": "The scale of the item.",
    "value": "The answer as recorded, before a reversed item is turned; null where there is none.",
    "missing_reason": "Why there is no answer: not_applicable, dont_know, refused, not_asked, skipped, or quarantined (kept out by a rule).",
}) }}
