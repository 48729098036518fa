{# An id without what people write differently: case, signs, leading zeros of a number. #}
{% macro key(id) -%}
regexp_replace(lower(regexp_replace({{ id }}, '[^\p{L}\p{N}]', '', 'g')), '(^|[^0-9])0+([0-9])', '\1\2', 'g')
{%- endmacro %}
