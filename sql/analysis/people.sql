-- Scores of everybody and the covariates that describe people, in the order that every analysis relies on.
-- Grain: person.
SELECT study_group{% for c in columns %}, {{ c | ident }}{% endfor %}

FROM panel.score_wide
ORDER BY participant_id;
