-- Answer rows that sensitivity analyses leave out. Grain: a person, wave and rule.
{% from "published/_comment.sql" import comment %}
CREATE TABLE flagged_answer AS FROM work.flagged_answer ORDER BY ALL;
{{ comment("TABLE", "flagged_answer", "Answer rows that sensitivity analyses leave out. Grain: person x wave x rule.", {
    "participant_id": "The person.",
    "wave": "The wave.",
    "rule": "Id of the rule: straight-lining, or a row identical to an earlier wave's.",
}) }}
