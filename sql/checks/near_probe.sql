-- How many ids there are, and how many without what people write differently. Grain: one row.
{% import 'checks/_near.sql' as near %}
SELECT count(DISTINCT participant_id), count(DISTINCT {{ near.key('participant_id') }})
FROM ({% for base in bases %}{{ "UNION ALL" if not loop.first }} SELECT participant_id FROM staging.{{ base | ident }} {% endfor %});
