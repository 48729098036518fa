-- People who withdrew their consent in this file. Grain: a row.
{% import 'staging/_expressions.sql' as x %}
INSERT INTO withdrawal
SELECT {{ part.source_id | text }}, b.row_number, b.participant_id
FROM staging.{{ part.base | ident }} AS b
WHERE {{ x.fold('b.' ~ column) }} IN ({% for v in withdrawn %}{{ v | text }}{{ ", " if not loop.last }}{% endfor %});
