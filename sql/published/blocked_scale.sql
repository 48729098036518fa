-- Scales that may not be used in a wave. Grain: a scale, wave and rule.
{% from "published/_comment.sql" import comment %}
CREATE TABLE blocked_scale AS FROM work.blocked_scale ORDER BY ALL;
{{ comment("TABLE", "blocked_scale", "Scales that may not be used in a wave. Grain: scale x wave x rule.", {
    "scale": "The scale.",
    "wave": "The wave.",
    "rule": "Id of the rule.",
    "reason": "Why.",
}) }}
