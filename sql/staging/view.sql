-- The staged file: grain, a row of the file (of one wave, where the file holds several). Values are trimmed, a blank is
-- NULL, a number with a decimal comma has a point, and row_number counts as a spreadsheet does.
CREATE OR REPLACE TEMP VIEW {{ view | ident }} AS
SELECT
    {{ row_number }} AS row_number
{% for name, trim, comma in columns %}
    {% set col = name | ident %}
    {% set value = ("nullif(trim(" ~ col ~ ", " ~ (space | text) ~ "), '')") if trim else col %}
    {% if comma %}
    , CASE WHEN regexp_full_match({{ value }}, '[+-]?\d+,\d+') THEN replace({{ value }}, ',', '.') ELSE {{ value }} END AS {{ col }}
    {% else %}
    , {{ value }} AS {{ col }}
    {% endif %}
{% endfor %}
FROM {{ table | ident }}
{% include "staging/_of_wave.sql" %}
;
