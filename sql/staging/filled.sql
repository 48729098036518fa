-- The number of rows that hold any value at all.
SELECT count(*) FROM {{ table | ident }}
WHERE {% for c in columns %}nullif(trim({{ c | ident }}, $space), '') IS NOT NULL{{ " OR " if not loop.last }}{% endfor %};
