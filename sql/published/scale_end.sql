-- People at the ends of a scale. Grain: scale x wave x population.
{% from "published/_comment.sql" import comment %}
CREATE TABLE scale_end AS FROM work.scale_end ORDER BY ALL;
{{ comment("TABLE", "scale_end", "How many people stand at the lowest and the highest score there is. Grain: scale x wave x population.", {
    "scale": "The scale.",
    "wave": "The wave.",
    "population": "Whose scores: a group's id.",
    "n": "People with a score.",
    "n_lowest": "People at 0.",
    "n_highest": "People at 100.",
    "flagged": "Whether 15 % or more stand at one end: change beyond it cannot show.",
}) }}
