-- Whose interview would tell most about a change. Grain: a scale, contrast, rule and place.
{% from "published/_comment.sql" import comment %}
CREATE TABLE case_selection AS FROM work.case_selection ORDER BY outcome, contrast, rule, place;
{{ comment("TABLE", "case_selection", "People to speak to next, by rule; stays inside. Grain: scale x contrast x rule x place.", {
    "outcome": "The scale.",
    "contrast": "The two waves, earlier first.",
    "rule": "typical: nearest the median change; extreme_fall, extreme_rise; deviant: furthest from what the change in peer trust goes with; leaver: answered the earlier wave and not the later.",
    "place": "From 1; ties and leavers by lot from the plan's seed.",
    "participant_id": "The person.",
    "change": "Change in POMP points; null for leavers.",
    "distance": "What the rule orders by, in POMP points.",
    "interviewed": "Whether there is an interview up to the run's wave.",
}) }}
