-- The scores as a long view over the wide tables, with a row also for people who are absent from a wave.
-- Each scale is summed on its own, so that asking for one costs one. Grain: a person, wave and scale that was asked.
{% from "published/_comment.sql" import comment %}
CREATE VIEW score AS
{% for w in waves %}
{% set outer = loop %}
{% for s in w.scales %}
SELECT
    participant_id, study_group, {{ w.id | literal }} AS wave, {{ s.id | literal }} AS scale,
    {{ s.dimension | literal }}::VARCHAR AS dimension, {{ (s.id ~ "__mean") | ident }} AS mean, {{ (s.id ~ "__pomp") | ident }} AS pomp,
    {{ (s.id ~ "__n") | ident }} AS n_answered, {{ s.n_items }} AS n_items, {{ (s.id ~ "__reason") | ident }} AS missing_reason
FROM (
{% with wave = w.id, scales = [s.panel] %}
{% include "score/_scores_of.sql" %}
{% endwith %}
)
UNION ALL
{% endfor %}
SELECT
    p.participant_id, p.study_group, {{ w.id | literal }} AS wave, s.scale, s.dimension, NULL::DOUBLE AS mean,
    NULL::DOUBLE AS pomp, NULL::INTEGER AS n_answered, s.n_items, 'absent' AS missing_reason
FROM participant AS p
ANTI JOIN answer.{{ w.id | ident }} AS present ON p.participant_id = present.participant_id
CROSS JOIN scale AS s
WHERE s.scale IN ({{ (w.scales | map(attribute="id") | map("text") | join(", ")) or "NULL" }})
{{ "UNION ALL" if not outer.last }}
{% else %}
SELECT NULL::VARCHAR AS participant_id, NULL::VARCHAR AS study_group, NULL::VARCHAR AS wave, NULL::VARCHAR AS scale,
       NULL::VARCHAR AS dimension, NULL::DOUBLE AS mean, NULL::DOUBLE AS pomp, NULL::INTEGER AS n_answered,
       NULL::INTEGER AS n_items, NULL::VARCHAR AS missing_reason
WHERE FALSE
{% endfor %};
{{ comment("VIEW", "score", "Scores, one a row. Grain: person x wave x scale.", {
    "participant_id": "The person.",
    "study_group": "The person's group in that wave; where absent, the person's group in the study.",
    "wave": "The wave.",
    "scale": "The scale.",
    "dimension": "Which trust the scale measures; null where it is not about trust.",
    "mean": "Mean of the answered items, in the unit of the answer scale, reversed items turned.",
    "pomp": "The mean as percent of maximum possible: 0 is the lower end of the scale, 100 the upper.",
    "n_answered": "Items answered; null where the person is absent.",
    "n_items": "Items of the scale.",
    "missing_reason": "Why there is no score: not_asked, too_few_answered, blocked, absent.",
}) }}
