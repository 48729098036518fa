-- The first rows of a panel, in the table's own order, to see where its values lie. Grain: a row a person.
SELECT
{% for e in expressions %}
    {{ e }} AS v_{{ loop.index }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ table }}{% if where %} WHERE {{ where }}{% endif %}{% if rows %} LIMIT {{ rows }}{% endif %}
