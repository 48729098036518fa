-- Per scale, the correlation between two waves over the same people and their number. Where both waves lie side by
-- side in one file, its rows link them, and a block in its middle is read. Grain: one row.
{% macro scores(wave, k) %}
SELECT {{ "row_number" if beside else "participant_id" }} AS person
{%- for s in scales %}
, list_avg([{% for i in s.items_asked %}({{ (s.ends[k] ~ ' - ' ~ (i | ident)) if i in s.turned else (i | ident) }})::DOUBLE{{ ", " if not loop.last }}{% endfor %}]) AS s{{ loop.index }}
{%- endfor %}

FROM answer.{{ wave | ident }}
WHERE {{ "row_number BETWEEN $first AND $last" if beside else "hash(participant_id) % $every = 0" }}
{% endmacro %}
SELECT
{% for s in scales %}
    corr(a.s{{ loop.index }}, b.s{{ loop.index }}),
    count(*) FILTER (a.s{{ loop.index }} IS NOT NULL AND b.s{{ loop.index }} IS NOT NULL){{ "," if not loop.last }}
{% endfor %}
FROM ({{ scores(earlier, 0) }}) AS a JOIN ({{ scores(later, 1) }}) AS b USING (person);
