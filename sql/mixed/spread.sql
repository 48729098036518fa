-- Count, sum and sum of squares of each variable of a panel. Grain: one row.
SELECT
{% for e in expressions %}
    count({{ e }}), sum({{ e }}), sum({{ e }} * {{ e }}){{ "," if not loop.last }}
{% endfor %}
FROM {{ table }}{% if where %} WHERE {{ where }}{% endif %}
