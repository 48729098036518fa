-- The runs whose results were published, the last one being this file's. Grain: a run.
{% from "published/_comment.sql" import comment %}
CREATE TABLE run AS
SELECT
    run_id, wave, started_at,
    CASE WHEN run_id = $run_id THEN $finished_at ELSE finished_at END AS finished_at,
    version, plan_hash, input_hash
FROM work.run
ORDER BY started_at, run_id;
{{ comment("TABLE", "run", "The runs that were published; the last one made this file. Grain: a run.", {
    "run_id": "Id of the run.",
    "wave": "The wave up to which it read.",
    "started_at": "When it began.",
    "finished_at": "When it was published.",
    "version": "Version of coprod-trust.",
    "plan_hash": "SHA-256 of the analysis plan then.",
    "input_hash": "SHA-256 of study.yaml, the decisions, the texts and every file read.",
}) }}
