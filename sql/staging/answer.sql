-- answer.<wave>. Grain: a person with an accepted row in that wave.
CREATE {{ kind }} staging.{{ ("wave_" ~ wave) | ident }} AS
{% if queries | length == 1 %}
{{ queries[0] }}
{% else %}
{% include 'staging/_merge.sql' %}
{% endif %};

CREATE {{ kind }} answer.{{ wave | ident }} AS
SELECT *{% if constant %} EXCLUDE ({% for c in constant %}{{ c | ident }}{{ ", " if not loop.last }}{% endfor %}){% endif %}

FROM staging.{{ ("wave_" ~ wave) | ident }};
