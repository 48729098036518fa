-- Mean change at places of a condition. Grain: a finding on moderation and a place.
{% from "published/_comment.sql" import comment %}
CREATE TABLE simple_slope AS FROM work.simple_slope ORDER BY ALL;
{{ comment("TABLE", "simple_slope", "Mean change of an outcome at places of a condition, by the model of a finding on moderation. Grain: finding x place.", {
    "finding_id": "The finding.",
    "place": "minus_1_sd, mean or plus_1_sd of the condition; boundary: where the interval of change begins or ends to hold 0.",
    "condition": "The condition there, in POMP points.",
    "within_range": "Whether anybody has as little, or as much.",
    "change": "Mean change there, in POMP points.",
    "std_error": "Its standard error.",
    "df": "Degrees of freedom, by Kenward and Roger.",
    "ci_low": "Lower end of the 95 % interval of the change.",
    "ci_high": "Upper end of the 95 % interval of the change.",
    "p_value": "p of the change at that place; not adjusted.",
}) }}
