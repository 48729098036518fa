-- Who is in the study. Grain: a person. Covariates of free text are withheld.
{% from "published/_comment.sql" import comment %}
CREATE TABLE participant AS
SELECT {{ participant_columns | map("ident") | join(", ") }}
FROM work.participant
ORDER BY participant_id;
{{ comment("TABLE", "participant", "Everybody who is in any wave of this run. Grain: a person.", participant_comments) }}
