-- Correlation of each reverse item, turned, with the mean of the others, and the number of people. Grain: one row.
{% macro turn(i) %}{{ (ends ~ ' - ' ~ (i | ident)) if i in turned else (i | ident) }}{% endmacro %}
SELECT
{% for i in looked_at %}
    corr({{ turn(i) }}, list_avg([{% for j in items if j != i %}({{ turn(j) }})::DOUBLE{{ ", " if not loop.last }}{% endfor %}])),
    count(*) FILTER ({{ i | ident }} IS NOT NULL AND coalesce({% for j in items if j != i %}{{ j | ident }}, {% endfor %}NULL) IS NOT NULL){{ "," if not loop.last }}
{% endfor %}
FROM answer.{{ wave | ident }}
WHERE hash(participant_id) % $every = 0;
