-- How many people a panel has. Grain: one row.
SELECT count(*) FROM {{ table }}{% if where %} WHERE {{ where }}{% endif %}
