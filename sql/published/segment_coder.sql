-- Who read which passage, also where they gave it no code. Grain: a segment and coder.
{% from "published/_comment.sql" import comment %}
{% from "published/_coder.sql" import coder %}
CREATE TABLE segment_coder AS
SELECT * REPLACE ({{ coder('coder') }} AS coder)
FROM work.segment_coder
ORDER BY segment_id, coder;
{{ comment("TABLE", "segment_coder", "Who read which segment, also where they gave it no code. Grain: segment x coder.", {
    "segment_id": "The segment.",
    "coder": "The coder, under a number.",
    "held": "Whether a row of this coder on it waits in quarantine.",
}) }}
