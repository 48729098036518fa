-- A staged file with corrected cells in the place of the written ones. Grain: a row of the file.
{% import 'staging/_expressions.sql' as x %}
CREATE OR REPLACE TEMP VIEW {{ view | ident }} AS
SELECT
    s.row_number
{% for name, changes in columns %}
    {% if changes %}
    , CASE{% for kind, key, value in changes %} WHEN {% if kind == 'int' %}s.row_number = {{ key }}{% else %}{{ x.participant('s.' ~ (id | ident), normalise) }} = {{ key | text }}{% endif %} THEN {{ value | text if value is not none else 'NULL' }}{% endfor %} ELSE s.{{ name | ident }} END AS {{ name | ident }}
    {% else %}
    , s.{{ name | ident }}
    {% endif %}
{% endfor %}
FROM {{ staged }} AS s;
