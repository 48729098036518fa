-- Scores and covariates of everybody, in the order that every analysis relies on.
-- Grain: person.
SELECT * FROM panel.score_wide ORDER BY participant_id;
