-- The answers as recorded, before reversed items are turned, side by side. Grain: a person in the wave; one table a wave.
{% from "published/_comment.sql" import comment %}
CREATE SCHEMA answer;
{% for w in waves %}
CREATE TABLE answer.{{ w.id | ident }} AS
SELECT {{ w.answer_columns | map("ident") | join(", ") }}
FROM work.answer.{{ w.id | ident }};
{{ comment("TABLE", "answer." ~ (w.id | ident), "Accepted answers at " ~ w.id ~ ", as recorded. Grain: a person in the wave.", w.answer_comments) }}
{% endfor %}
