-- Passages for, against and beyond a finding. Grain: a finding and segment.
{% from "published/_comment.sql" import comment %}
CREATE TABLE evidence AS FROM work.evidence ORDER BY finding_id, segment_id;
{{ comment("TABLE", "evidence", "Segments for, against and beyond a finding. Grain: finding x segment.", {
    "finding_id": "The finding.",
    "segment_id": "The segment.",
    "stance": "confirms, contrasts, expands or mentions.",
    "derived": "True: worked out from directions, not set by a person; never counts as confirmation.",
    "blinded": "True: set without having seen the results.",
    "stale": "True: the finding changed after the stance was set.",
}) }}
