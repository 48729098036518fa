-- Whose answers in each wave are flagged (by one rule, or any) for sensitivity analyses, lined up with analysis/people.
-- Grain: person.
SELECT {% for w in waves %}participant_id IN (
    SELECT participant_id FROM flagged_answer WHERE wave = {{ w | text }} AND rule = coalesce($rule, rule)
)
    AS {{ w | ident }}{{ ", " if not loop.last }}{% endfor %}

FROM panel.score_wide
ORDER BY participant_id;
