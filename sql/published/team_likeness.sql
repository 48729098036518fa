-- How alike the changes of people of one team are. Grain: scale x population x wave x wave.
{% from "published/_comment.sql" import comment %}
CREATE TABLE team_likeness AS FROM work.team_likeness ORDER BY ALL;
{{ comment("TABLE", "team_likeness", "How alike the changes of people of one team are (ICC 1), and the design effect that follows. Grain: scale x population x wave x wave.", {
    "scale": "The scale.",
    "population": "Whose changes: a group's id.",
    "wave_from": "The earlier wave.",
    "wave_to": "The later wave.",
    "n": "People with a change and a team.",
    "n_teams": "Teams.",
    "mean_size": "Size of the average person's team.",
    "icc": "Intraclass correlation of change; negative where people of a team differ more than others.",
    "ci_low": "Lower end of its 95 % interval.",
    "ci_high": "Upper end of its 95 % interval.",
    "design_effect": "What the variance of a mean change is multiplied by; 1 where the ICC is not above 0.",
    "declined": "Why there is no estimate.",
}) }}
