-- One row: per column that may hold either, how many values are numbers with a decimal comma, how many of those could as
-- well have a comma between thousands, how many are numbers without a comma, how many values there are, how many would
-- run as a formula, and the rowid of the first that would.
SELECT
{% for c in columns %}
    {% set v = "trim(" ~ (c | ident) ~ ", $space)" %}
    count(*) FILTER (regexp_full_match({{ v }}, '[+-]?\d+,\d+')),
    count(*) FILTER (regexp_full_match({{ v }}, '\d{1,3}(,\d{3})+')),
    count(*) FILTER (regexp_full_match({{ v }}, '[+-]?\d+(\.\d+)?')),
    count({{ c | ident }}),
    {% set like = "left(" ~ v ~ ", 1) IN ('=', '+', '-', '@') AND NOT regexp_full_match(" ~ v ~ ", '[+-]?(\\d+([.,]\\d*)?|[.,]\\d+)([eE][+-]?\\d+)?|-+')" %}
    count(*) FILTER ({{ like }}), min(rowid) FILTER ({{ like }})
    {{ "," if not loop.last }}
{% endfor %}
FROM {{ table | ident }};
