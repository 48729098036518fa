-- The scales as declared. Grain: a scale.
{% from "published/_comment.sql" import comment %}
CREATE TABLE scale (
    scale VARCHAR, dimension VARCHAR, label VARCHAR, low DOUBLE, high DOUBLE, n_items INTEGER,
    minimum_answered INTEGER, scored BOOLEAN
);
INSERT INTO scale VALUES
{% for s in study.scales %}
({{ s.id | literal }}, {{ (s.dimension.value if s.dimension else none) | literal }}, {{ s.label | literal }}, {{ s.low | literal }},
 {{ s.high | literal }}, {{ s["items"] | length }}, {{ s.needed }}, {{ s.scored | literal }}){{ "," if not loop.last }}
{% endfor %};
{{ comment("TABLE", "scale", "The scales of the instrument. Grain: a scale.", {
    "scale": "Id of the scale.",
    "dimension": "Which trust it measures (generalized, municipal, provider, peers, interpersonal); null where it is not about trust.",
    "label": "What the report calls it.",
    "low": "Lower end of the answer scale; a wave with another response format is in table comparability.",
    "high": "Upper end of the answer scale.",
    "n_items": "Number of items.",
    "minimum_answered": "Items that must be answered for a score.",
    "scored": "False: a profile of single items, without a score.",
}) }}
