-- An empty table of text for a file that is read row by row: grain, a row of the file below the column names.
CREATE OR REPLACE TEMP TABLE {{ table | ident }} (
{% for name in columns %}
    {{ name | ident }} VARCHAR{{ "," if not loop.last }}
{% endfor %}
);
