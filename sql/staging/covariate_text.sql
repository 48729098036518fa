{% import 'staging/_expressions.sql' as x %}
{% if not (codes or missing) %}{{ column }}{% else %}CASE {{ x.fold(column) }}{% for key in missing %} WHEN {{ key | text }} THEN NULL{% endfor %}{% for key, result in codes %} WHEN {{ key | text }} THEN {{ result | text }}{% endfor %} ELSE {{ column }} END{% endif %}
