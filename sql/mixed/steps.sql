-- How far the values of a variable lie from each of some grids, in steps. Grain: one row, a column a grid.
SELECT
{% for s in steps %}
    greatest({% for e in expressions %}max(abs({{ e }} * {{ s }} - round({{ e }} * {{ s }}))){{ ", " if not loop.last }}{% endfor %}){{ "," if not loop.last }}
{% endfor %}
FROM {{ table }}{% if where %} WHERE {{ where }}{% endif %}
