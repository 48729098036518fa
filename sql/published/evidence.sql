-- Passages for, against and beyond a finding. Grain: a finding and segment.
{% from "published/_comment.sql" import comment %}
CREATE TABLE evidence AS FROM work.evidence ORDER BY finding_id, segment_id;
{{ comment("TABLE", "evidence", "Segments for, against and beyond a finding. Grain: finding x segment.", {
    "finding_id": "The finding.",
    "segment_id": "The segment.",
    "stance": "confirms, contrasts, expands or mentions; unresolved where coders differ and nobody decided.",
    "derived": "True: worked out from directions, not set by a person; never counts as confirmation.",
    "blinded": "True: set without having seen the results; null: not known.",
    "stale": "True: the finding changed after the stance was set, so it is not counted.",
    "stale_reason": "What changed: the verdict, the direction, or the estimate by more than half the half-width of its interval.",
    "origin": "decision: in decisions/stance.csv; coding: in the coded files; derived: from directions.",
}) }}
