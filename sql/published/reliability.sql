-- Internal consistency. Grain: a scale, wave, population and coefficient.
{% from "published/_comment.sql" import comment %}
CREATE TABLE reliability AS FROM work.reliability ORDER BY ALL;
{{ comment("TABLE", "reliability", "Internal consistency of a scale. Grain: scale x wave x population x coefficient.", {
    "scale": "The scale.",
    "wave": "The wave.",
    "population": "Whose answers: a group's id.",
    "coefficient": "alpha and omega for three items or more, spearman_brown for two.",
    "value": "The coefficient; null where it was declined.",
    "ci_low": "Lower end of its interval.",
    "ci_high": "Upper end of its interval.",
    "n": "People with all items answered.",
    "n_items": "Items of the scale.",
    "declined": "Why there is no value.",
}) }}
