-- What is studied, by which plan and with which version. Grain: one row, the study.
{% from "published/_comment.sql" import comment %}
CREATE TABLE study AS
SELECT
    {{ study.study_id | literal }} AS study_id,
    {{ study.title | literal }} AS title,
    {{ study.synthetic | literal }}::VARCHAR AS synthetic,
    {{ study.provider_name | literal }} AS provider_name,
    {{ study.municipality_name | literal }} AS municipality_name,
    {{ study.groups.participants | literal }} AS participants,
    $plan_hash AS plan_hash,
    $version AS version;
{{ comment("TABLE", "study", "The study, its plan and the version of coprod-trust. Grain: one row.", {
    "study_id": "Id of the study in study.yaml.",
    "title": "Title of the study.",
    "synthetic": "A sentence that labels invented data; null for a real study.",
    "provider_name": "The provider, as the report names it.",
    "municipality_name": "The municipality, as the report names it.",
    "participants": "Id of the group that takes part in the programme.",
    "plan_hash": "SHA-256 of the analysis plan.",
    "version": "Version of coprod-trust that published this file.",
}) }}
