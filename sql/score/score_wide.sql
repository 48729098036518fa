-- Every score of every person side by side, as percent of maximum possible; null where there is none.
-- Grain: a person.
CREATE TABLE panel.score_wide AS
SELECT
    p.participant_id,
    p.study_group,
    {% for c in constant %}
    p.{{ c | ident }},
    {% endfor %}
    {% for w in waves %}
    {% for c in w.covariates %}
    {{ ("answer_" ~ w.id) | ident }}.{{ c | ident }} AS {{ (c ~ "__" ~ w.id) | ident }},
    {% endfor %}
    {% endfor %}
    {% for w in waves %}
    {% for s in w.scales %}
    {{ ("panel_" ~ w.id) | ident }}.{{ (s ~ "__pomp") | ident }} AS {{ (s ~ "__" ~ w.id) | ident }},
    {% endfor %}
    {% endfor %}
FROM participant AS p
{% for w in waves %}
LEFT JOIN panel.{{ w.id | ident }} AS {{ ("panel_" ~ w.id) | ident }} USING (participant_id)
{% if w.covariates %}
LEFT JOIN answer.{{ w.id | ident }} AS {{ ("answer_" ~ w.id) | ident }} USING (participant_id)
{% endif %}
{% endfor %}
;
