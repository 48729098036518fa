-- The ends of variables that lie on no grid. Grain: one row.
SELECT
{% for e in expressions %}
    min({{ e }}), max({{ e }}){{ "," if not loop.last }}
{% endfor %}
FROM {{ table }}{% if where %} WHERE {{ where }}{% endif %}
