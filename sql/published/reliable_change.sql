-- People who changed by more than measurement error would explain. Grain: scale x population x wave x wave x method.
{% from "published/_comment.sql" import comment %}
CREATE TABLE reliable_change AS FROM work.reliable_change ORDER BY ALL;
{{ comment("TABLE", "reliable_change", "How many people changed by more than measurement error would explain, by two forms of that error. Grain: scale x population x wave x wave x method.", {
    "scale": "The scale.",
    "population": "Whose scores: a group's id.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "method": "both_waves: standard deviation and reliability of either wave, as in finding; jacobson_truax: those of the earlier wave for both.",
    "standard_error": "Standard error of the difference of two scores of one person, in POMP points.",
    "criterion": "1.96 times that.",
    "n": "People with both scores.",
    "n_fell": "People whose score fell by more.",
    "n_rose": "People whose score rose by more.",
}) }}
