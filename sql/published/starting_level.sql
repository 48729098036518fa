-- How change goes with the level at the start. Grain: scale x population x wave x wave x method.
{% from "published/_comment.sql" import comment %}
CREATE TABLE starting_level AS FROM work.starting_level ORDER BY ALL;
{{ comment("TABLE", "starting_level", "How change goes with the level at the start, without the coupling of a change with its own starting score. Grain: scale x population x wave x wave x method.", {
    "scale": "The scale.",
    "population": "Whose scores: a group's id.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "method": "oldham: correlation of change with the mean of both scores; blomqvist: slope of true change on true start.",
    "n": "People with both scores.",
    "estimate": "The correlation, or the slope.",
    "std_error": "Standard error of the slope, the reliability taken as known.",
    "ci_low": "Lower end of its 95 % interval.",
    "ci_high": "Upper end of its 95 % interval.",
    "p_value": "p of the correlation (Pitman); none for the slope.",
    "reliability": "Reliability of the starting score that the slope uses.",
    "declined": "Why there is no estimate.",
}) }}
