-- The waves, planned and held. Grain: a wave.
{% from "published/_comment.sql" import comment %}
CREATE TABLE wave AS
WITH declared (wave, label, ordinal, month, planned_date) AS (
    VALUES
    {% for w in study.waves %}
    ({{ w.id | literal }}, {{ w.label | literal }}, {{ loop.index }}, {{ w.month | literal }}, {{ w.planned_date | literal }}::DATE)
    {{- "," if not loop.last }}
    {% endfor %}
),
held AS (
    {% for w in waves %}
    SELECT
        {{ w.id | literal }} AS wave,
        min(response_date) AS first_response,
        max(response_date) AS last_response,
        count(*) AS n_people
    FROM work.answer.{{ w.id | ident }}
    {{ "UNION ALL" if not loop.last }}
    {% else %}
    SELECT NULL::VARCHAR AS wave, NULL::DATE AS first_response, NULL::DATE AS last_response, 0 AS n_people WHERE FALSE
    {% endfor %}
)
SELECT
    wave, label, ordinal, month, planned_date, first_response, last_response, coalesce(n_people, 0) AS n_people
FROM declared
LEFT JOIN held USING (wave)
ORDER BY ordinal;
{{ comment("TABLE", "wave", "The waves of the study, also those still to come. Grain: a wave.", {
    "wave": "Id of the wave.",
    "label": "What the wave is called.",
    "ordinal": "Place in time, from 1.",
    "month": "Months since the first wave.",
    "planned_date": "Planned date; null where none was declared.",
    "first_response": "Date of the first accepted answer; null where none has come or no date was given.",
    "last_response": "Date of the last accepted answer; null as above.",
    "n_people": "People with an accepted row in this run.",
}) }}
