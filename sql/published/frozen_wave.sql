-- Waves that are or were frozen. Grain: a wave.
{% from "published/_comment.sql" import comment %}
CREATE TABLE frozen_wave AS FROM work.frozen_wave ORDER BY frozen_at;
{{ comment("TABLE", "frozen_wave", "Waves that are or were frozen, with what changed since. Grain: a wave.", {
    "wave": "The wave.",
    "state": "frozen, or thawed: then its rows may have changed.",
    "frozen_at": "When it was frozen.",
    "manifest": "SHA-256 of its manifest, under frozen/ in the study folder.",
    "rows_frozen": "Rows in the manifest: a person in a wave up to this one.",
    "rows_erased": "Rows of people who withdrew since.",
    "rows_changed": "Rows changed, added or gone since it was thawed.",
    "who": "Who froze it, or thawed it.",
    "why": "Why, in their words.",
}) }}
