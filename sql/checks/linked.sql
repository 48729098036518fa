-- Correlation of a scale between two waves over the same people, and their number. Grain: one row.
{% macro score(wave, k) %}
SELECT participant_id, list_avg([{% for i in items %}({{ (ends[k] ~ ' - ' ~ (i | ident)) if i in turned else (i | ident) }})::DOUBLE{{ ", " if not loop.last }}{% endfor %}]) AS score
FROM answer.{{ wave | ident }} WHERE hash(participant_id) % $every = 0
{% endmacro %}
SELECT corr(a.score, b.score), count(*)
FROM ({{ score(earlier, 0) }}) AS a JOIN ({{ score(later, 1) }}) AS b USING (participant_id)
WHERE a.score IS NOT NULL AND b.score IS NOT NULL;
