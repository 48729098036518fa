-- Least, greatest and number of answers to each item{{ ", in the first rows" if limit }}. Grain: one row.
SELECT {% for i in items %}min({{ i | ident }}), max({{ i | ident }}), count({{ i | ident }}){{ ", " if not loop.last }}{% endfor %}

FROM (SELECT {% for i in items %}{{ i | ident }}{{ ", " if not loop.last }}{% endfor %} FROM answer.{{ wave | ident }}{{ " LIMIT %d" | format(limit) if limit }});
