-- The scores, side by side, worked out from the answers as the run did. Grain: a person in the wave; one view a wave.
{% from "published/_comment.sql" import comment %}
CREATE SCHEMA panel;
{% for w in waves %}
{% with wave = w.id, scales = w.panel_scales %}
{% include "score/panel.sql" %}
{% endwith %}
{{ comment("VIEW", "panel." ~ (w.id | ident), "Scores at " ~ w.id ~ ". Grain: a person in the wave.", w.panel_comments) }}
{% endfor %}
