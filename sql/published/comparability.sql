-- Which waves of a scale may be compared, and why not. Grain: a scale and pair of waves.
{% from "published/_comment.sql" import comment %}
CREATE TABLE comparability AS FROM work.comparability ORDER BY scale, wave_from, wave_to;
{{ comment("TABLE", "comparability", "Which waves of a scale may be compared. Grain: scale x wave x wave.", {
    "scale": "The scale.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "comparable": "False: no change between the two waves is computed.",
    "reason": "Why they may not be compared; null where they may.",
}) }}
