-- All scores of a person side by side, as percent of maximum possible. Grain: a person.
{% from "published/_comment.sql" import comment %}
CREATE TABLE score_wide AS
SELECT {{ score_wide_columns | map("ident") | join(", ") }}
FROM work.panel.score_wide;
{{ comment("TABLE", "score_wide", "All scores of a person side by side (POMP, percent of maximum possible). Grain: a person.", score_wide_comments) }}
