-- One row: per column, whether any value has white space around it, holds a comma, or begins with a sign of a formula.
-- What the bytes of the file cannot hold is not looked for.
SELECT
{% for c in columns %}
    {% set col = c | ident %}
    {{ "bool_or(" ~ col ~ " <> trim(" ~ col ~ ", $space) OR " ~ col ~ " = '')" if checks.space else "false" }},
    {{ "bool_or(contains(" ~ col ~ ", ','))" if checks.comma else "false" }},
    {{ "bool_or(left(" ~ col ~ ", 1) IN ('=', '+', '-', '@', ' '))" if checks.formula else "false" }}
    {{ "," if not loop.last }}
{% endfor %}
FROM {{ table | ident }};
