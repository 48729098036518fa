-- The groups that stand in a file, as the study calls them. Grain: a group.
{% import 'staging/_expressions.sql' as x %}
SELECT DISTINCT {{ x.lookup('b.' ~ column, groups) }} AS study_group
FROM staging.{{ part.base | ident }} AS b
WHERE study_group IS NOT NULL;
