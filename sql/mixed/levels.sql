-- The type of a covariate and, where it is text, its values. Grain: one row.
SELECT
    any_value(typeof({{ column | ident }})),
    CASE WHEN any_value(typeof({{ column | ident }})) = 'VARCHAR'
         THEN list_sort(list(DISTINCT CAST({{ column | ident }} AS VARCHAR))) END
FROM {{ table }}
WHERE {{ column | ident }} IS NOT NULL{% if where %} AND ({{ where }}){% endif %}
