{# Expressions that several statements share. Each mirrors a rule that is documented where it is declared. #}
{# A participant's id as compared: study/ids.py in SQL; the reader has trimmed the text. #}
{% macro participant(raw, n) -%}
{% set ns = namespace(e=raw) %}
{% if n.strip %}{% set ns.e = 'trim(' ~ ns.e ~ ')' %}{% endif %}
{% if n.upper %}{% set ns.e = 'upper(' ~ ns.e ~ ')' %}{% endif %}
{% if n.remove %}{% set ns.e = 'regexp_replace(' ~ ns.e ~ ', ' ~ (n.remove | text) ~ ", '', 'g')" %}{% endif %}
{% set ns.e = "nullif(" ~ ns.e ~ ", '')" %}
{% if n.prefix %}{% set ns.e = "list_transform([" ~ ns.e ~ "], lambda i: CASE WHEN starts_with(i, " ~ (n.prefix | text) ~ ") THEN i ELSE " ~ (n.prefix | text) ~ " || i END)[1]" %}{% endif %}
{% if n.digits %}{% set ns.e = "list_transform([" ~ ns.e ~ "], lambda i: CASE WHEN regexp_matches(i, '[0-9]') THEN regexp_extract(i, '(?s)^(.*?)[0-9]+[^0-9]*$', 1) || CASE WHEN length(ltrim(regexp_extract(i, '([0-9]+)[^0-9]*$', 1), '0')) >= " ~ n.digits ~ " THEN ltrim(regexp_extract(i, '([0-9]+)[^0-9]*$', 1), '0') ELSE lpad(ltrim(regexp_extract(i, '([0-9]+)[^0-9]*$', 1), '0'), " ~ n.digits ~ ", '0') END || regexp_extract(i, '[0-9]([^0-9]*)$', 1) ELSE i END)[1]" %}{% endif %}
{{ ns.e }}
{%- endmacro %}
{# A text as compared: no case, single spaces; fold() in ingest/reading.py. #}
{% macro fold(raw) -%}
lower(trim(regexp_replace({{ raw }}, '\s+', ' ', 'g')))
{%- endmacro %}
{# A text looked up in (folded text, result) pairs; NULL where it is none of them. #}
{% macro lookup(raw, pairs) -%}
{% if pairs %}CASE {{ fold(raw) }}{% for key, result in pairs %} WHEN {{ key | text }} THEN {{ result | text }}{% endfor %} END{% else %}NULL{% endif %}
{%- endmacro %}
{# The day that a text names, by the first format that fits. #}
{% macro day(raw, formats) -%}
coalesce({% for f in formats %}try_strptime({{ raw }}, {{ f | text }}), {% endfor %}NULL)::DATE
{%- endmacro %}
