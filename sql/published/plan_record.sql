-- The plan as it was registered, and each time it was amended. Grain: a record.
{% from "published/_comment.sql" import comment %}
CREATE TABLE plan_record AS FROM work.plan_record ORDER BY ordinal;
{{ comment("TABLE", "plan_record", "The plan as it was registered, and each time it was amended. Grain: a record.", {
    "ordinal": "Place in time, from 1.",
    "action": "registration or amendment.",
    "plan_hash": "SHA-256 of the plan as recorded.",
    "recorded_at": "When.",
    "who": "Who recorded it.",
    "why": "Why, in their words.",
    "changed": "Settings that differ from the record before, with both values.",
    "data_seen": "The last wave whose answers had come by then; null: none had.",
}) }}
