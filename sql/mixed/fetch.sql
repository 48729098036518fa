-- The columns of a small panel, in the order asked for. Grain: a row a person, as the table has them.
SELECT
{% for c in columns %}
    {{ c | ident }} AS c_{{ loop.index }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ table }}{% if where %} WHERE {{ where }}{% endif %}
