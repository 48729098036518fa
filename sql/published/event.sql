-- What happened around the study. Grain: an event.
{% from "published/_comment.sql" import comment %}
CREATE TABLE event (event VARCHAR, date DATE, label VARCHAR);
{% for e in study.events %}
INSERT INTO event VALUES ({{ e.id | literal }}, {{ e.date | literal }}, {{ e.label | literal }});
{% endfor %}
{{ comment("TABLE", "event", "Events that the evaluator declared. Grain: an event.", {
    "event": "Id of the event.",
    "date": "When it happened.",
    "label": "What happened.",
}) }}
