-- What the numbers of a file are like: count, least, greatest, and the largest part after the point. Grain: one row.
SELECT
{% for c in columns %}
    count(b.{{ c }}), min(b.{{ c }})::DOUBLE, max(b.{{ c }})::DOUBLE, max(abs(b.{{ c }} - round(b.{{ c }})))::DOUBLE{{ "," if not loop.last }}
{% endfor %}
FROM staging.{{ base | ident }} AS b;
