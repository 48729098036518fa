-- The values of a text covariate. Grain: a row a value.
SELECT DISTINCT CAST({{ column | ident }} AS VARCHAR) AS level
FROM {{ table }}
WHERE {{ column | ident }} IS NOT NULL {% if where %}AND ({{ where }}) {% endif %}ORDER BY level
