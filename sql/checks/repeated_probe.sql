-- How many rows of a file repeat the id of another. Grain: one row.
{% import 'staging/_expressions.sql' as x %}
SELECT count(b.participant_id) - count(DISTINCT b.participant_id)
FROM staging.{{ part.base | ident }} AS b WHERE {{ x.standing(part, 'b') }};
