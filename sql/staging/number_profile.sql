-- What the numbers of a file are like: count, least, greatest, and the largest part after the point. Grain: one row.
{% import 'staging/_expressions.sql' as x %}
SELECT
{% for c in columns %}
    count(b.{{ c }}), min(b.{{ c }})::DOUBLE, max(b.{{ c }})::DOUBLE, max(abs(b.{{ c }} - round(b.{{ c }})))::DOUBLE{{ "," if not loop.last }}
{% endfor %}
FROM staging.{{ part.base | ident }} AS b
{% if held %}
WHERE {{ x.standing(part, 'b', ('blank', 'withdrawn', 'duplicate')) }}
{% endif %};
