-- Takes away the scores of an earlier run.
{% for v in views %}
DROP VIEW panel.{{ v | ident }};
{% endfor %}
{% for t in tables %}
DROP TABLE panel.{{ t | ident }};
{% endfor %}
