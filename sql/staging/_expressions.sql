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
lower(trim(regexp_replace(replace({{ raw }}, '’', chr(39)), '\s+', ' ', 'g')))
{%- endmacro %}
{# A text looked up in (folded text, result) pairs; NULL where it is none of them. Folding takes long: only what is not
   written as the pairs have it is folded. #}
{% macro lookup(raw, pairs) -%}
{% if pairs %}CASE CASE WHEN {{ raw }} IN ({% for key, _ in pairs %}{{ key | text }}{{ ", " if not loop.last }}{% endfor %}) THEN {{ raw }} ELSE {{ fold(raw) }} END{% for key, result in pairs %} WHEN {{ key | text }} THEN {{ result | text }}{% endfor %} END{% else %}NULL{% endif %}
{%- endmacro %}
{# The day that a text names: by the declared format, year first, or in the order that the file was found to have. #}
{% macro day(raw, part) -%}
coalesce({% if part.declared %}try_strptime({{ raw }}, {{ part.declared | text }})::DATE, try_strptime(split_part({{ raw }}, ' ', 1), {{ part.declared | text }})::DATE, {% endif %}TRY_CAST(replace(nullif(regexp_extract({{ raw }}, '^\d{4}[-/]\d{1,2}[-/]\d{1,2}'), ''), '/', '-') AS DATE){% if part.order %}, try_strptime(regexp_replace(nullif(regexp_extract({{ raw }}, '^\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}'), ''), '[/. ]', '-', 'g'), {{ part.order | text }})::DATE{% endif %})
{%- endmacro %}
{# Rows of a part that are still in: no other rule has settled their fate (or only another than those named). #}
{% macro standing(part, alias, fates=()) -%}
NOT EXISTS (FROM staging.fate AS fate WHERE fate.source_id = {{ part.source_id | text }} AND fate.row_number = {{ alias }}.row_number{% if fates %} AND fate.fate IN ({% for f in fates %}{{ f | text }}{{ ', ' if not loop.last }}{% endfor %}){% endif %})
{%- endmacro %}
