-- What was done otherwise than planned. Grain: one thing.
{% from "published/_comment.sql" import comment %}
CREATE TABLE deviation AS FROM work.deviation;
{{ comment("TABLE", "deviation", "What was done otherwise than planned, found by comparison. Grain: one thing.", {
    "kind": "not_registered, registered_late, changed_unrecorded, amended_after_data, not_estimated, not_measured, covariate_without_values, wave_without_data or wave_at_another_time.",
    "subject": "A setting of the plan, a finding, a scale, a covariate or a wave.",
    "planned": "What was planned.",
    "done": "What was done, or is so.",
    "recorded": "True: somebody recorded it as an amendment.",
    "who": "Who recorded it; null: nobody.",
    "why": "Why, in their words.",
}) }}
