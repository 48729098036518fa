-- The values of a covariate where it is text or an enumeration, else NULL. Grain: one row.
SELECT
    CASE WHEN any_value(typeof({{ column | ident }})) = 'VARCHAR' OR any_value(typeof({{ column | ident }})) LIKE 'ENUM%'
         THEN list_sort(list(DISTINCT CAST({{ column | ident }} AS VARCHAR))) END
FROM {{ table }}
WHERE {{ column | ident }} IS NOT NULL{% if where %} AND ({{ where }}){% endif %}
