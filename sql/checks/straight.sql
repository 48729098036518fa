{# People with one and the same answer to every question that they answered, of enough of them. Grain: a row. #}
SELECT source_id, row_number, $columns AS column_name, NULL AS scale, NULL AS found, NULL AS suggestion
FROM answer.{{ wave | ident }}
WHERE {% for i in items[1:] %}coalesce({{ i | ident }} = {{ items[loop.index0] | ident }}, TRUE) AND {% endfor %}

    least({% for i in items %}{{ i | ident }}{{ ", " if not loop.last }}{% endfor %}) = greatest({% for i in items %}{{ i | ident }}{{ ", " if not loop.last }}{% endfor %})
    AND {% for i in items %}({{ i | ident }} IS NOT NULL)::INTEGER{{ " + " if not loop.last }}{% endfor %} >= $least
